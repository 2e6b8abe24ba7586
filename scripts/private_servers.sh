# Sourced: a Redis and a PostgreSQL of the caller's own, on free ports of 127.0.0.1, with everything they
# write below one temporary folder. Nothing of the machine's own servers is touched.
#
#   private_servers_start       makes the folder, starts both; then set: PRIVATE_FOLDER, REDIS_HOST, REDIS_PORT,
#                               POSTGRES_HOST, POSTGRES_PORT, POSTGRES_DB, POSTGRES_USER, POSTGRES_PASSWORD, PG*
#   private_servers_stop        stops both and removes the folder
#
# PostgreSQL refuses to run as root: as root it is run as the user postgres (or nobody). Its password is
# random and passed on in files and the environment only, never in a command line others can read.

private_postgres_programs() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

# The words to put before a command so that it runs as the user PostgreSQL's server has to run as.
private_step_down=()
private_postgres_user=
if [[ $(id -u) == 0 ]]; then
  private_postgres_user=postgres
  id postgres >/dev/null 2>&1 || private_postgres_user=nobody
  private_step_down=(setpriv "--reuid=$private_postgres_user" "--regid=$(id -g "$private_postgres_user")" --clear-groups)
fi

# A port nobody listens on, below the range used for outgoing connections.
private_free_port() {
  local port
  while :; do
    port=$((12000 + (RANDOM * 32768 + RANDOM) % 20000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port"; return; fi
  done
}

# private_wait PID COMMAND…: until the command succeeds; fails when the process ends first or after 30 seconds.
private_wait() {
  local pid=$1 deadline=$((SECONDS + 30))
  shift
  until "$@" >/dev/null 2>&1; do
    kill -0 "$pid" 2>/dev/null && ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}

private_redis_is_ours() {
  [[ $(redis-cli -h 127.0.0.1 -p "$REDIS_PORT" info server) == *"process_id:$private_redis_pid"$'\r'* ]]
}

private_redis_start() {
  local folder=$PRIVATE_FOLDER/redis
  mkdir -p "$folder"
  for _ in 1 2 3 4 5; do  # another program may take the port in between
    REDIS_PORT=$(private_free_port)
    setsid redis-server --bind 127.0.0.1 --port "$REDIS_PORT" --dir "$folder" --save '' --appendonly no \
      --logfile "$folder/redis.log" >/dev/null 2>&1 </dev/null &
    private_redis_pid=$!
    if private_wait "$private_redis_pid" private_redis_is_ours; then return; fi
    kill -9 "$private_redis_pid" 2>/dev/null || true
  done
  echo "redis-server does not start:" >&2
  cat "$folder/redis.log" >&2
  return 3
}

private_postgres_is_ours() {
  [[ $(head -n 1 "$PRIVATE_FOLDER/postgres/data/postmaster.pid") == "$private_postgres_pid" ]] &&
    psql -X -d postgres -c 'select 1'
}

private_postgres_start() {
  local folder=$PRIVATE_FOLDER/postgres programs
  programs=$(private_postgres_programs)
  [[ -n $programs ]] || { echo "no PostgreSQL in /usr/lib/postgresql (scripts/setup installs it)" >&2; return 3; }
  mkdir -p "$folder"
  (umask 077 && printf '%s\n' "$POSTGRES_PASSWORD" >"$folder/password")
  [[ -z $private_postgres_user ]] || chown -R "$private_postgres_user" "$folder"
  if ! (cd / && "${private_step_down[@]}" "$programs/initdb" -D "$folder/data" -U postgres --pwfile="$folder/password" \
    -A scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-instructions) >"$PRIVATE_FOLDER/initdb.log" 2>&1; then
    echo "initdb failed:" >&2
    cat "$PRIVATE_FOLDER/initdb.log" >&2
    return 3
  fi
  rm -f "$folder/password"
  for _ in 1 2 3 4 5; do
    POSTGRES_PORT=$(private_free_port)
    export PGPORT=$POSTGRES_PORT
    setsid "${private_step_down[@]}" "$programs/postgres" -D "$folder/data" -c listen_addresses=127.0.0.1 \
      -c unix_socket_directories= -c port="$POSTGRES_PORT" >"$PRIVATE_FOLDER/postgres.log" 2>&1 </dev/null &
    private_postgres_pid=$!
    if private_wait "$private_postgres_pid" private_postgres_is_ours; then return; fi
    kill -9 "$private_postgres_pid" 2>/dev/null || true
  done
  echo "PostgreSQL does not start:" >&2
  cat "$PRIVATE_FOLDER/postgres.log" >&2
  return 3
}

private_servers_start() {
  PRIVATE_FOLDER=$(mktemp -d /tmp/daymill-servers-XXXXXX)
  chmod 755 "$PRIVATE_FOLDER"
  export REDIS_HOST=127.0.0.1 REDIS_PORT POSTGRES_HOST=127.0.0.1 POSTGRES_PORT POSTGRES_DB=postgres POSTGRES_USER=postgres
  POSTGRES_PASSWORD=$(od -An -N18 -tx1 /dev/urandom | tr -d ' \n')
  export POSTGRES_PASSWORD
  export PGHOST=$POSTGRES_HOST PGUSER=$POSTGRES_USER PGDATABASE=$POSTGRES_DB PGPASSWORD=$POSTGRES_PASSWORD
  private_redis_start
  private_postgres_start
}

private_servers_stop() {
  local pid
  [[ -z ${private_redis_pid:-} ]] || kill -TERM "$private_redis_pid" 2>/dev/null || true
  [[ -z ${private_postgres_pid:-} ]] || kill -QUIT "$private_postgres_pid" 2>/dev/null || true
  for pid in ${private_redis_pid:-} ${private_postgres_pid:-}; do wait "$pid" 2>/dev/null || true; done
  [[ -z ${PRIVATE_FOLDER:-} ]] || rm -rf "$PRIVATE_FOLDER"
  private_redis_pid='' private_postgres_pid='' PRIVATE_FOLDER=''
}
