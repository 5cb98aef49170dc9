#!/usr/bin/env bash
# How many answers a second `firstpress serve` gives from memory, how late they are at less than half of that, and what
# memory it takes. The database must hold published tables.
#
#   benches/serve.sh BINARY DATABASE_URL [SECONDS]
set -euo pipefail

binary=$1
export DATABASE_URL=$2
seconds=${3:-10}
export SERVE_REQUESTS_PER_SECOND=none

directory=$(mktemp -d)
"$binary" serve --sandbox --listen 127.0.0.1:0 >"$directory/address" 2>"$directory/log" &
server=$!
trap 'kill "$server"; rm -r "$directory"' EXIT
until [ -s "$directory/address" ]; do
    kill -0 "$server" || { cat "$directory/log" >&2; trap - EXIT; exit 1; }
    sleep 0.1
done
url="$(head -1 "$directory/address")/api/v1/trends/weekly-top-releases"

memory() {
    awk '/^VmRSS|^VmHWM/ { printf "%s %d MB  ", $1, $2 / 1024 } END { print "" }' "/proc/$server/status"
}

curl --silent --fail --output /dev/null --write-out "one answer: %{size_download} bytes\n" "$url"
echo "before: $(memory)"
echo "as many as it can, 32 connections:"
wrk -t1 -c32 -d"$seconds" --latency "$url"
echo "few connections, for the delay:"
wrk -t1 -c4 -d"$seconds" --latency "$url"
echo "who has the answer already:"
tag=$(curl --silent --head "$url" | tr -d '\r' | sed -n 's/^etag: //Ip')
wrk -t1 -c32 -d"$seconds" --latency -H "If-None-Match: $tag" "$url"
echo "after: $(memory)"
echo "each answer another one, so that memory fills and is given back:"
end=$((SECONDS + seconds))
limit=1
while [ "$SECONDS" -lt "$end" ]; do
    curl --silent --fail --output /dev/null "$url?limit=$((limit % 10000 + 1))&rank.gte=$limit"
    limit=$((limit + 1))
done
echo "after $limit of them: $(memory)"
