create schema {{ schema | identifier }}
