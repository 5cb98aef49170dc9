select
    count(gone) as gone,
    count(come) as come
from {{ changes }}
