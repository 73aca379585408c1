#!/bin/sh
# nginx.sh HTTPGET - httpget against nginx: a page, a large one, a missing
# one, a head, chunks, TLS that is trusted and TLS that is not.
set -u
httpget=$1
# shellcheck source=tests/servers/server.sh
. "$(dirname "$0")/server.sh"
need nginx
need openssl

port=$(free_port)
tls=$(free_port)
mkdir "$dir/root"
echo 'Hello from nginx.' >"$dir/root/index.html"
head -c 3000000 /dev/urandom >"$dir/root/large"
chmod -R a+rX "$dir/root"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null ||
    fail 'no certificate'
cat >"$dir/nginx.conf" <<END
daemon off;
pid $dir/pid;
error_log $dir/error.log;
worker_processes 1;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path $dir/a;
    proxy_temp_path $dir/b;
    fastcgi_temp_path $dir/c;
    uwsgi_temp_path $dir/d;
    scgi_temp_path $dir/e;
    server {
        listen 127.0.0.1:$port;
        listen 127.0.0.1:$tls ssl;
        ssl_certificate $dir/cert.pem;
        ssl_certificate_key $dir/key.pem;
        root $dir/root;
        location /chunked { ssi on; ssi_types *; alias $dir/root/; }
    }
}
END
nginx -c "$dir/nginx.conf" -p "$dir" -e "$dir/error.log" &
pid=$!
wait_for "$httpget" "http://127.0.0.1:$port/"

[ "$("$httpget" "http://127.0.0.1:$port/")" = 'Hello from nginx.' ] ||
    fail 'a page'
"$httpget" -o "$dir/got" "http://127.0.0.1:$port/large" || fail 'a large page'
cmp "$dir/got" "$dir/root/large" || fail 'a large page, other bytes'
"$httpget" -I "http://127.0.0.1:$port/large" | grep -qi '^content-length: 3000000' ||
    fail 'a head'
"$httpget" -i "http://127.0.0.1:$port/none" | grep -q ' 404 ' || fail 'a 404'
"$httpget" -i "http://127.0.0.1:$port/chunked/index.html" >"$dir/got"
grep -qi '^transfer-encoding: chunked' "$dir/got" || fail 'no chunks came'
grep -q 'Hello from nginx.' "$dir/got" || fail 'a chunked page'
[ "$("$httpget" --cacert "$dir/cert.pem" "https://127.0.0.1:$tls/")" = \
    'Hello from nginx.' ] || fail 'TLS'
"$httpget" "https://127.0.0.1:$tls/" >"$dir/got" 2>"$dir/err" &&
    fail 'an unknown certificate was trusted'
[ ! -s "$dir/got" ] || fail 'a page came all the same'
[ -s "$dir/err" ] || fail 'no word about it'
exit 0
