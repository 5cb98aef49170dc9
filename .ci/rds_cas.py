"""The CAs of a PEM file can be read, are for issuing certificates, and hold for another 90 days."""

import ssl
import sys
import time

path = sys.argv[1]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(path)
cas = context.get_ca_certs()
with open(path, encoding="ascii") as file:
    written = file.read().count("-----BEGIN CERTIFICATE-----")
assert len(cas) == written, f"{path}: {written} certificates, of which {len(cas)} are CAs that differ"
soon = time.time() + 90 * 24 * 60 * 60
expiring = [ca["subject"] for ca in cas if ssl.cert_time_to_seconds(ca["notAfter"]) < soon]
assert not expiring, f"{path}: expired within 90 days: {expiring}"
print(f"{path}: {written} CAs, none of which expires within 90 days")
