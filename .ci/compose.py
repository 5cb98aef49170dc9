"""A compose file as the Compose specification has it."""

import json
import sys

import yaml
from compose_spec import PyCompose

path = sys.argv[1]
with open(path, encoding="utf-8") as file:
    # as JSON: this reader does not know YAML's merge key
    compose = PyCompose.from_json(json.dumps(yaml.safe_load(file))).to_spec()
print(f"{path}: {', '.join(compose.services)}")
