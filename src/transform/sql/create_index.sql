create {{ "unique " if index.unique }}index {{ name | identifier }} on {{ target }} using {{ index.type }} (
    {%- for column in index.columns %}{{ column | identifier }}{{ ", " if not loop.last }}{% endfor -%}
)
