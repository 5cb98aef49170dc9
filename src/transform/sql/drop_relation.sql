{#- Without cascade: what an analyst hung on it makes this fail, with its name. -#}
drop {{ kind }} {{ target }}
