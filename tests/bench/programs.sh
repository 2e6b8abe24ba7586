# Sourced by the benchmark's scripts, in the folder of the tree.
#
#   bench_main FILE.py TARGET… -- ARGUMENT…    runs one of the Python files beside this one on private servers,
#                                              with programs that it builds unless the arguments name their folder
source scripts/environment.sh
source scripts/private_servers.sh

bench_main() {
  local driver=$1 targets=() arguments=() programs=
  shift
  while [[ $1 != -- ]]; do targets+=("$1"); shift; done
  shift
  while (($#)); do
    case $1 in
      --programs) programs=$2; shift 2 ;;
      --json | --svg) arguments+=("$1" "$(realpath -m "$2")"); shift 2 ;;
      -h | --help) sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "tests/bench/${0##*/}"; return ;;
      *) arguments+=("$1"); shift ;;
    esac
  done
  if [[ -z $programs ]]; then
    programs=build/bench/bin
    {
      cmake --preset release -B build/bench -DDAYMILL_TESTS=ON "${compiler_launcher[@]}"
      cmake --build build/bench --target "${targets[@]}"
    } >&2
  fi
  trap private_servers_stop EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  private_servers_start
  # Debian's Python: the one that python3-redis and python3-psycopg2 belong to.
  /usr/bin/python3 "tests/bench/$driver" --programs "$programs" --work "$PRIVATE_FOLDER" "${arguments[@]}"
}
