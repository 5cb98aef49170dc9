"""What RDS adds to Postgres: a certificate of its own CA, and IAM behind the question for a password.

Postgres asks an LDAP server about passwords; this is one. It takes what boto3 signs for the same second, the same key
and the same host, and nothing older than 90 seconds. Reads one line of JSON: host, port and user of the database,
region, the AWS key. Writes one line of JSON: the certificates, and the LDAP server's port. Ends when its input does.
"""

import datetime
import json
import socketserver
import sys
import threading
import types
import unittest.mock
import urllib.parse

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SUCCESS, INVALID_CREDENTIALS = 0, 49


def main():
    wanted = json.loads(sys.stdin.readline())

    class Ldap(socketserver.StreamRequestHandler):
        """RFC 4511: a simple bind, then an unbind."""

        def handle(self):
            _, message = element(self.rfile)
            number, request = message[:3], message[3:]
            fields = request[2:] if request[1] < 128 else request[2 + request[1] - 128 :]
            _, fields = split(fields)
            _, fields = split(fields)
            token, _ = split(fields)
            result = SUCCESS if signed_by_boto3(token.decode(), wanted) else INVALID_CREDENTIALS
            answer = number + bytes([0x61, 7, 0x0A, 1, result, 0x04, 0, 0x04, 0])
            self.wfile.write(bytes([0x30, len(answer)]) + answer)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Ldap)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"ldap_port": server.server_address[1], **certificates(wanted["host"])}), flush=True)
    sys.stdin.read()


def signed_by_boto3(token, wanted):
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit("//" + token).query))
    signed_at = datetime.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
    rds = boto3.client(
        "rds",
        region_name=wanted["region"],
        aws_access_key_id=wanted["key_id"],
        aws_secret_access_key=wanted["key_secret"],
    )
    # botocore asks the one before version 1.40 or so, and the other since
    old_clock = types.SimpleNamespace(datetime=types.SimpleNamespace(utcnow=lambda: signed_at))
    with (
        unittest.mock.patch("botocore.auth.datetime", old_clock),
        unittest.mock.patch("botocore.auth.get_current_datetime", lambda: signed_at, create=True),
    ):
        expected = rds.generate_db_auth_token(wanted["host"], wanted["port"], wanted["user"])
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    is_fresh = abs(now - signed_at) < datetime.timedelta(seconds=90)
    return is_fresh and sorted(token.split("&")) == sorted(expected.split("&"))


def element(stream):
    """A BER element of a stream: tag and content."""
    tag, length = stream.read(2)
    if length >= 128:
        length = int.from_bytes(stream.read(length - 128), "big")
    return tag, stream.read(length)


def split(data):
    """The content of the first BER element, and what follows it."""
    length, begin = data[1], 2
    if length >= 128:
        begin += length - 128
        length = int.from_bytes(data[2:begin], "big")
    return data[begin : begin + length], data[begin + length :]


def certificates(host):
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = signed("firstpress test CA", ca_key, "firstpress test CA", ca_key, x509.BasicConstraints(True, None))
    names = x509.SubjectAlternativeName([x509.DNSName(host)])
    certificate = signed(host, key, "firstpress test CA", ca_key, names)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = serialization.Encoding.PEM
    return {
        "ca": ca.public_bytes(pem).decode(),
        "certificate": certificate.public_bytes(pem).decode(),
        "key": private.decode(),
    }


def signed(subject, key, issuer, issuer_key, extension):
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    name = lambda text: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(extension, critical=True)
    )
    return builder.sign(issuer_key, hashes.SHA256())


main()
