# What .ci/run and .ci/infra have in common. Both set scratch, a folder of their own, and current.

step() {
    local began=$SECONDS
    current=$1
    shift
    echo "== $current"
    "$@"
    echo "== $current: $((SECONDS - began)) s"
}

# Says what went wrong only when something does, and never where packages come from.
quietly() {
    "$@" >"$scratch/log" 2>&1 || {
        sed -E 's#(https?|file)://[^ )"]*#(address)#g' "$scratch/log"
        return 1
    }
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
