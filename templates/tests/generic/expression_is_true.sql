{#-
    Rows of which the expression is false; null is not false. As the test of a column, the expression goes on from the
    column's name: "<= tracks".
-#}
{% test expression_is_true(model, expression, column_name=none) %}

select *
from {{ model }}
where not ({{ column_name if column_name is not none else '' }} {{ expression }})

{% endtest %}
