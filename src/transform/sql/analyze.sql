analyze {{ target }}
