"""Keys, certificates and signed tokens for tests; every key is made anew."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import time
import uuid
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID
from joserfc import jwk, jws

from gateway.access.grant import BY_ASSERTION

FORM = "application/x-www-form-urlencoded"
ORIGIN = "https://gateway.test"
TOKEN_URL = f"{ORIGIN}/auth/token"
ISSUER = "https://ehr.test/oauth2"
AUDIENCE = f"{ORIGIN}/fhir"


def ec_key(name="ec-1"):
    return _ec_key(name)


def rsa_key(name="rsa-1"):
    return _rsa_key(name)


@cache
def _ec_key(name):
    return jwk.ECKey.generate_key("P-384", {"kid": name, "alg": "ES384", "use": "sig"})


@cache
def _rsa_key(name):
    return jwk.RSAKey.generate_key(2048, {"kid": name})


def jwks(*keys):
    return {"keys": [key.as_dict(private=False) for key in keys]}


def signed(claims, key, algorithm=None, **header):
    algorithm = algorithm or ("ES384" if isinstance(key, jwk.ECKey) else "RS384")
    named = {"alg": algorithm, "kid": key.as_dict().get("kid"), **header}
    named = {name: value for name, value in named.items() if value is not None}
    content = json.dumps(claims).encode()
    return jws.serialize_compact(named, content, key, algorithms=[algorithm])


def confused(key, claims=None):
    """Return a token whose HMAC secret is a public key's PEM."""
    header = {"alg": "HS256", "kid": key.as_dict().get("kid")}
    text = ".".join(_part(each) for each in (header, claims or {}))
    mac = hmac.digest(key.as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{_encoded(mac)}"


def unsigned(claims, key):
    """Return a token of algorithm none."""
    header = {"alg": "none", "kid": key.as_dict().get("kid")}
    return f"{_part(header)}.{_part(claims)}."


def loosely_signed(header, claims, key):
    """Return a token by a key, whatever its header says."""
    text = ".".join(_part(each) for each in (header, claims))
    made = key.private_key.sign(text.encode(), ec.ECDSA(hashes.SHA384()))
    numbers = (each.to_bytes(48, "big") for each in decode_dss_signature(made))
    return f"{text}.{_encoded(b''.join(numbers))}"


def _part(content):
    return _encoded(json.dumps(content).encode())


def _encoded(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def claims_of(client, **changed):
    now = int(time.time())
    made = {
        "iss": client,
        "sub": client,
        "aud": TOKEN_URL,
        "exp": now + 240,
        "iat": now,
        "jti": str(uuid.uuid4()),
        **changed,
    }
    return {name: value for name, value in made.items() if value is not None}


def assertion(client, key, **changed):
    return signed(claims_of(client, **changed), key)


def form(proof, scope="system/*.cruds", **changed):
    asked = {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": BY_ASSERTION,
        "client_assertion": proof,
        **changed,
    }
    kept = {name: value for name, value in asked.items() if value is not None}
    return urlencode(kept).encode()


def person_claims(practitioner="Practitioner/jo", scope="user/Task.rus", **changed):
    now = int(time.time())
    made = {
        "iss": ISSUER,
        "sub": "u-1",
        "aud": AUDIENCE,
        "exp": now + 600,
        "iat": now,
        "fhirUser": practitioner,
        "name": "Jo Jones, RN",
        "scope": f"openid fhirUser {scope}",
        **changed,
    }
    return {name: value for name, value in made.items() if value is not None}


class Authority:
    """A certificate authority with files in a folder."""

    def __init__(self, folder, name="Test CA"):
        self._folder = folder
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        made = (
            self._builder(self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(sign_certificates=True), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / f"{name.replace(' ', '-')}.pem"
        self.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def issue(self, name):
        """Return the files of a certificate for 127.0.0.1, its key, and its SHA-256."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = (
            self._builder(subject, key.public_key())
            .add_extension(
                x509.SubjectAlternativeName(
                    [
                        x509.DNSName("localhost"),
                        x509.IPAddress(ip_address("127.0.0.1")),
                    ]
                ),
                critical=False,
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
            .add_extension(_usage(sign_certificates=False), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(
                    self._key.public_key()
                ),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )
        certificate = self._folder / f"{name}.pem"
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        private = self._folder / f"{name}.key"
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        der = made.public_bytes(serialization.Encoding.DER)
        return certificate, private, hashlib.sha256(der).hexdigest()

    def _builder(self, subject, public):
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=2))
        )


def _usage(*, sign_certificates):
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )
