# Sourced by what installs with npm. Each function is given a folder with package.json, its lock and .npmrc, and the
# folder that the packages go to.

npm_is_current() { cmp -s "$1/package-lock.json" "$2/lock.stamp" && [ -d "$2/node_modules" ]; }

# By the folder's real path: npm does not recognise its own package below a symbolic link.
npm_install() {
    mkdir -p "$2" && rm -f "$2/lock.stamp" && cp "$1/package.json" "$1/package-lock.json" "$1/.npmrc" "$2" &&
        (cd -P "$2" && npm ci --engine-strict --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error) &&
        cp "$1/package-lock.json" "$2/lock.stamp" # last: what was interrupted is done again
}
