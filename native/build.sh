#!/bin/sh
# Builds the bridge: build.sh BUILD_FOLDER [CMake arguments]. Builds that run at once wait for each other.
# Exit status 3: CMake found no libtorch, compiler or make; its log is BUILD_FOLDER/configure.log.
set -eu
source=$(cd "$(dirname "$0")" && pwd)
build=$1
shift
mkdir -p "$build"
exec 9> "$build/lock"
if command -v flock > /dev/null; then flock 9; fi
command -v cmake > /dev/null || exit 3
cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release "$@" > "$build/configure.log" 2>&1 || exit 3
cmake --build "$build" --parallel 2
# Newer than every source, also where nothing had to be compiled.
touch "$build/libncservice_torch.so"
