#!/bin/sh
# Print the path of a Python that can run the course: the one named, or the first found.

found=""

try() {  # succeeds if $1 is new enough; notes what it is, if it is a Python
    path=$(command -v "$1" 2>/dev/null) || return 1
    version=$("$path" -c 'import sys
print("%d.%d.%d" % sys.version_info[:3])
sys.exit(sys.version_info < (3, 11))' 2>/dev/null) && echo "$path" && return
    [ -n "$version" ] && found="${found:+$found, }$path ($version)"
    return 1
}

case $1 in "~/"*) set -- "$HOME/${1#??}" ;; esac
if [ -n "$1" ]; then
    try "$1" && exit
    case $found in
        "") is="does not start, or is no Python" ;;
        *) is="is Python $version" ;;
    esac
    echo "This course needs Python 3.11 or newer; PYTHON=$1 $is." >&2
    exit 1
fi
for name in python3 python python3.13 python3.12 python3.11 python3.14 python3.15 python3.16 \
    python3.17 .venv/bin/python; do
    try "$name" && exit
done
echo "This course needs Python 3.11 or newer, and found ${found:-none}. Install one" \
    "from https://www.python.org/downloads/ and try again. If one is there but was not found, say" \
    "where: make lab PYTHON=/path/to/python" >&2
exit 1
