# Runs in the task that prepares the database: database.sql as the master user, over TLS that checks whom it speaks to.
certificates=$(mktemp)
wget -q -O "$certificates" https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem
export PGSSLMODE=verify-full PGSSLROOTCERT="$certificates"
printf '%s' "$DATABASE_SQL" | psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=-
echo "the database is prepared"
