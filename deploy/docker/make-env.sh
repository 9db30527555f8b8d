#!/bin/sh
# Generates .env with fresh credentials for docker-compose.yml, readable by its owner only. Never overwrites one: the
# master key in it is the only way to the personal data that was sealed under it. Keep a copy in a safe place.
# Usage: sh deploy/docker/make-env.sh [file]
set -eu
file=${1:-"$(dirname "$0")/../../.env"}
if [ -e "$file" ]; then
  echo "$file exists; it is left as it is" >&2
  exit 2
fi
hexadecimal() { head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }
base64_of() { head -c "$1" /dev/urandom | base64 | tr -d '\n'; }
umask 077
cat > "$file" <<END
KAPPA_KAFKA_CLUSTER_ID=$(base64_of 16 | tr '+/' '-_' | tr -d '=')
KAPPA_CLICKHOUSE_PASSWORD=$(hexadecimal 16)
KAPPA_CLICKHOUSE_READER_PASSWORD=$(hexadecimal 16)
KAPPA_S3_ACCESS_KEY_ID=kappa$(hexadecimal 6)
KAPPA_S3_SECRET_ACCESS_KEY=$(hexadecimal 16)
KAPPA_REDIS_PASSWORD=$(hexadecimal 16)
KAPPA_MASTER_KEY=$(base64_of 32)
END
echo "wrote $file"
