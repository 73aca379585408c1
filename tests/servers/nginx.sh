#!/bin/sh
# nginx.sh HTTPGET - httpget against nginx: a page, a large one, a missing
# one, a head, chunks, TLS that is trusted and TLS that is not; then what the
# options do: resume, times, codings, logins, uploads, Unix sockets, many at
# once.
set -u
httpget=$1
# shellcheck source=tests/servers/server.sh
. "$(dirname "$0")/server.sh"
need nginx
need openssl

port=$(free_port)
tls=$(free_port)
mkdir "$dir/root" "$dir/up"
chmod 777 "$dir/up"
echo "joe:$(openssl passwd -apr1 secret)" >"$dir/passwords"
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
        listen unix:$dir/socket;
        keepalive_requests 10;
        gzip on;
        gzip_min_length 10;
        gzip_types *;
        location /private/ {
            auth_basic secret;
            auth_basic_user_file $dir/passwords;
            alias $dir/root/;
        }
        location /up/ {
            alias $dir/up/;
            dav_methods PUT DELETE;
            create_full_put_path on;
            client_max_body_size 10m;
        }
        location /old { return 302 /index.html; }
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

url=http://127.0.0.1:$port
head -c 1000000 "$dir/root/large" >"$dir/part"
"$httpget" -s -C - -o "$dir/part" "$url/large" || fail 'resume'
cmp "$dir/part" "$dir/root/large" || fail 'resume, other bytes'
"$httpget" -s -C - -o "$dir/part" "$url/large" || fail 'resume of the whole'
cmp "$dir/part" "$dir/root/large" || fail 'resume of the whole, other bytes'
[ "$("$httpget" -r 0-4 "$url/index.html")" = Hello ] || fail 'a range'
touch -d '1994-11-06 08:49:37 UTC' "$dir/root/index.html"
"$httpget" -R -o "$dir/got" "$url/index.html"
[ "$(stat -c %Y "$dir/got")" = 784111777 ] || fail 'the time of a file'
[ "$("$httpget" -z "$dir/got" -w '%{http_code}' "$url/index.html")" = 304 ] ||
    fail 'not newer'
"$httpget" --etag-save "$dir/tag" -o "$dir/got" "$url/index.html"
[ "$("$httpget" --etag-compare "$dir/tag" -w '%{http_code}' \
    "$url/index.html")" = 304 ] || fail 'the same tag'
"$httpget" --compressed -D "$dir/head" -o "$dir/got" "$url/large" ||
    fail 'gzip'
grep -qi '^content-encoding: gzip' "$dir/head" || fail 'no gzip came'
cmp "$dir/got" "$dir/root/large" || fail 'gzip, other bytes'
"$httpget" -sf -u joe:wrong "$url/private/index.html"
[ $? = 22 ] || fail 'a wrong password'
[ "$("$httpget" -f -u joe:secret "$url/private/index.html")" = \
    'Hello from nginx.' ] || fail 'a login'
[ "$("$httpget" -f --anyauth "http://joe:secret@127.0.0.1:$port/private/")" = \
    'Hello from nginx.' ] || fail 'a login that is asked for'
"$httpget" -f -T "$dir/root/large" "$url/up/" || fail 'an upload'
cmp "$dir/up/large" "$dir/root/large" || fail 'an upload, other bytes'
"$httpget" -f -T - "$url/up/stdin" <"$dir/root/large" || fail 'chunks up'
cmp "$dir/up/stdin" "$dir/root/large" || fail 'chunks up, other bytes'
"$httpget" -sf -X DELETE "$url/up/stdin" || fail 'a removal'
[ ! -e "$dir/up/stdin" ] || fail 'nothing was removed'
head -c 11000000 /dev/zero >"$dir/huge"
[ "$("$httpget" -s -o "$dir/got" -w '%{http_code}' -T "$dir/huge" \
    "$url/up/")" = 413 ] || fail 'too large an upload'
[ "$("$httpget" -L -w '%{num_redirects}' "$url/old")" = 'Hello from nginx.
1' ] || fail 'a redirect'
[ "$("$httpget" --unix-socket "$dir/socket" http://any.example/)" = \
    'Hello from nginx.' ] || fail 'a Unix socket'
"$httpget" -Z --parallel-max 20 -o "$dir/many#1" "$url/index.html?[1-200]" ||
    fail 'many at once'
[ "$(cat "$dir"/many* | grep -c 'Hello from nginx.')" = 200 ] ||
    fail 'not all of the many'
exit 0
