"""An AWS account on loopback: moto, with signatures and rights enforced.

Reads one line of JSON: the secrets and parameters to hold, and the actions that a task's role may take. Writes one line
of JSON: where it is, and the role's temporary credentials. Ends when its input does.
"""

import json
import sys

import boto3
from moto import settings
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

REGION = "eu-central-1"


def main():
    wanted = json.loads(sys.stdin.readline())
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    fill(url, wanted)
    role = task_role(url, wanted["allowed"])
    # from now on every call is checked
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    print(json.dumps({"url": url, **role}), flush=True)
    sys.stdin.read()


def fill(url, wanted):
    for name, text in wanted["secrets"].items():
        client(url, "secretsmanager").create_secret(Name=name, SecretString=text)
    for name, text in wanted["parameters"].items():
        client(url, "ssm").put_parameter(Name=name, Value=text, Type="SecureString")


def task_role(url, allowed):
    trust = policy({"Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}})
    rights = policy({"Action": allowed, "Resource": "*"})
    iam = client(url, "iam")
    arn = iam.create_role(RoleName="task", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="task", PolicyName="task", PolicyDocument=json.dumps(rights))
    credentials = client(url, "sts").assume_role(RoleArn=arn, RoleSessionName="run")["Credentials"]
    return {"credentials": credentials | {"Expiration": "2099-01-01T00:00:00Z"}}


def policy(statement):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | statement]}


def client(url, service):
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="owner",
        aws_secret_access_key="owner",
    )


main()
