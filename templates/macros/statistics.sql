{#-
    A figure to ten decimals. The last bits of a sum of doubles depend on the order of its rows;
    without them equal figures are equal, ranks are stable, and a rebuild changes no row.
-#}
{% macro rounded(expression) -%}
    round(({{ expression }})::numeric, 10)::double precision
{%- endmacro %}

{#-
    A bound of the 95 % confidence interval of a correlation by Fisher's z transformation (Fisher 1921,
    "On the probable error of a coefficient of correlation deduced from a small sample", Metron 1).
    Null up to n = 3 and where r is 1 or -1 to ten decimals. sign: '+' or '-'; spread: the variance of z times (n - 3).
-#}
{% macro correlation_bound(r, sign, n, spread) -%}
    case
        when {{ n }} > 3 and abs({{ r }}) < 0.9999999999
            then tanh(atanh({{ r }}) {{ sign }} 1.959963984540054 * sqrt({{ spread }} / ({{ n }} - 3.0)))
    end
{%- endmacro %}

{#-
    A bound of the 95 % confidence interval of a standardized mean difference g between samples of n and m, by its
    variance in large samples (Hedges 1981, "Distribution theory for Glass's estimator of effect size and related
    estimators", Journal of Educational Statistics 6, 107-128). sign: '+' or '-'.
-#}
{% macro effect_size_bound(g, sign, n, m) -%}
    case
        when {{ g }} is not null
            then {{ g }} {{ sign }} 1.959963984540054 * sqrt(
                1.0 / {{ n }} + 1.0 / {{ m }} + {{ g }} ^ 2 / (2.0 * ({{ n }} + {{ m }}))
            )
    end
{%- endmacro %}
