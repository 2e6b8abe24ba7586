# Sourced by the scripts: what they rely on and a bare container does not give.

export LC_ALL=C.UTF-8
if [[ -z ${HOME:-} ]]; then
  HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
  export HOME=${HOME:-/tmp}
fi

# ccache is used when it is installed, never required.
compiler_launcher=()
if command -v ccache >/dev/null; then
  compiler_launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi

# With more than 28 random address bits (newer kernels) the sanitizers of g++ 12 fail now and then
# before main, for lack of room for their shadow memory.
without_randomized_addresses=()
if [[ $(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0) -gt 28 ]] &&
  setarch "$(uname -m)" -R true 2>/dev/null; then
  without_randomized_addresses=(setarch "$(uname -m)" -R)
fi
