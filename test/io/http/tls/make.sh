#!/bin/sh
# Makes the certificates of these tests anew: ./make.sh (OpenSSL 3). They count until 2120, but for those that must not.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/ca.cnf" <<CONFIG
[ca]
default_ca = own
[own]
database = $work/index.txt
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
organizationName = optional
commonName = supplied
[authority]
basicConstraints = critical, CA:true
[server]
subjectAltName = IP:127.0.0.1, DNS:localhost
[other]
subjectAltName = DNS:other.example
[client]
extendedKeyUsage = clientAuth
CONFIG
touch "$work/index.txt"

request() { # NAME CN
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$work/$1.csr" \
    -subj "/O=case-tracker tests/CN=$2" 2>/dev/null
}
sign() { # NAME EXTENSIONS FROM TO ISSUER-ARGUMENTS...
  name=$1 extensions=$2 from=$3 to=$4
  shift 4
  openssl ca -batch -notext -config "$work/ca.cnf" -extensions "$extensions" -startdate "$from" -enddate "$to" \
    -in "$work/$name.csr" -out "$name.pem" "$@" 2>/dev/null
}
FROM=20200101000000Z TO=21200101000000Z

request root 'Test Root'
sign root authority $FROM $TO -selfsign -keyfile root.key
request middle 'Test Intermediate'
sign middle authority $FROM $TO -cert root.pem -keyfile root.key
request server 127.0.0.1
sign server server $FROM $TO -cert middle.pem -keyfile middle.key
request client 'Test Client'
sign client client $FROM $TO -cert root.pem -keyfile root.key
cp "$work/client.csr" "$work/expired.csr"
sign expired client $FROM 20210101000000Z -cert root.pem -keyfile root.key
cp "$work/client.csr" "$work/future.csr"
sign future client 21190101000000Z $TO -cert root.pem -keyfile root.key
request stranger 'Somebody Else'
sign stranger other $FROM $TO -selfsign -keyfile stranger.key

cat client.pem client.key > both.pem
openssl x509 -in client.pem -outform der -out client.der
openssl pkcs8 -topk8 -in client.key -out locked.key -passout pass:c4n4ry-passphrase
openssl ec -in client.key -aes256 -out locked-ec.key -passout pass:c4n4ry-passphrase 2>/dev/null
openssl pkcs12 -export -inkey client.key -in client.pem -out client.pfx -passout pass:c4n4ry-passphrase
openssl pkcs12 -export -inkey client.key -in expired.pem -out expired.pfx -passout pass:c4n4ry-passphrase
openssl pkcs12 -export -legacy -inkey client.key -in client.pem -out legacy.pfx -passout pass:c4n4ry-passphrase
rm root.key middle.key
