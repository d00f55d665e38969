#!/bin/sh
# Starts Scoreline with the Node in this folder, else with the machine's.
self=$0
while [ -L "$self" ]; do
  link=$(readlink "$self")
  case $link in
    /*) self=$link ;;
    *) self=${self%/*}/$link ;;
  esac
done
case $self in
  */*) here=${self%/*} ;;
  *) here=. ;;
esac
node=$here/node
if [ ! -x "$node" ]; then
  node=$(command -v node) || {
    echo "scoreline: needs Node 20.12 or newer, and there is no node on the PATH ($PATH)" >&2
    echo "  fix: install Node, or take a bundle made with: npm run bundle -- --with-node" >&2
    exit 78
  }
fi
exec "$node" "$here/../lib/bin/scoreline.js" "$@"
