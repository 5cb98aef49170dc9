# Runs the server and takes it down after its last user's end.
#
# stdin    the FIFO that every user holds open for writing: it ends when the last of them has ended
# stdout   server.lock, locked; every process of the server inherits it, so a free lock means that none is left
# stderr   server.log
# $1       a folder made for the socket alone, or nothing
# $2 ...   the server's command line
trap '' HUP INT QUIT TERM
socket=$1
shift
exec 4<&0

(cd / && exec "$@") </dev/null 3>&1 >&2 4<&- &
server=$!

(
    # A user's hello is the name of a file; the file's end is the answer.
    while IFS= read -r hello; do rm -f -- "$hello"; done
    # Again and again, since a server that has hardly begun may miss it.
    while kill -INT "$server"; do sleep 1; done
) <&4 >/dev/null 2>&1 &
reader=$!

wait "$server"
kill -KILL "$reader"
if [ -n "$socket" ]; then
    rm -f -- "$socket"/.s.PGSQL.*
    rmdir -- "$socket"
fi
