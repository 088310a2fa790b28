#!/bin/sh
# Puts the generators of the Go and TypeScript SDKs in place, with what their code needs to compile: into build/, and
# for Go's modules into Go's own cache. Versions and checksums are those pinned beside this file.
# Quick, and without a network, when all is there. A language whose toolchain is absent is left out with a sentence.
# Exit 1: a toolchain is there, but could not do it.
set -eu
cd "$(dirname "$0")/../.."
exec </dev/null
. proto/sdks/npm.sh

pins=$PWD/proto/sdks
go_tools=$PWD/build/sdk-go                 # bin/ holds the generator
typescript_tools=$PWD/build/sdk-typescript # node_modules/ holds generator, compiler and runtime package

have() { command -v "$1" >/dev/null 2>&1; }

leave_out() { echo "sdks: no $1 here, so the $2 SDK is left out; install $3, then run 'make proto-sdk-tools' again." >&2; }

fail() {
    echo "sdks: $1 (see above); then run 'make proto-sdk-tools' again." >&2
    exit 1
}

# Paths are trimmed so that tests in ever new folders find in Go's cache what the generator was built from.
install_go() {
    (cd "$pins/go" && go mod download && mkdir -p "$go_tools/bin" &&
        go build -trimpath -o "$go_tools/bin/" google.golang.org/protobuf/cmd/protoc-gen-go) ||
        fail "the generator of Go could not be built; Go 1.24 or newer and its module proxy are needed"
}

install_typescript() {
    echo "sdks: installing the generator of TypeScript with npm"
    npm_install "$pins/typescript" "$typescript_tools" ||
        fail "npm could not install the generator of TypeScript; Node 20 or newer and npm's registry are needed"
}

if have go; then install_go; else leave_out go Go "Go 1.24 or newer"; fi
if ! { have node && have npm; }; then
    leave_out "node and npm" TypeScript "Node 20 or newer with npm"
elif ! npm_is_current "$pins/typescript" "$typescript_tools"; then
    install_typescript
fi
