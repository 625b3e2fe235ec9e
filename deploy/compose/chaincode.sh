#!/bin/sh
# Runs the chaincode of one organisation with the identity and package that prepare.ts has written for it.
# Argument: the organisation's network folder.
set -eu
. "$1/chaincode/environment.sh"
exec node chaincode/dist/main.js
