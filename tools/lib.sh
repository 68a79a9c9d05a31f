# shellcheck shell=bash
# SPDX-License-Identifier: BSL-1.0
# Shared by the commands of this folder; to be sourced. Leaves the shell in the project's root.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

say() { printf '\n== %s\n' "$*"; }

# need_packages PACKAGE...: installs the Debian packages that are missing, as root or with sudo.
# Asks nothing of the network when none is.
need_packages() {
    local package missing=()
    for package in "$@"; do
        if [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
            missing+=("$package")
        fi
    done
    if ((${#missing[@]} == 0)); then
        return
    fi

    local as_root=()
    if ((EUID != 0)); then
        as_root=(sudo)
        if ! command -v sudo >/dev/null; then
            echo "missing packages: ${missing[*]}; run this as root or install sudo" >&2
            return 1
        fi
    fi
    say "installing ${missing[*]}"
    if [[ " ${missing[*]} " == *" libboost1.81-dev "* ]]; then
        echo "Boost 1.81 takes the place of Debian's default, libboost1.74-dev, if that is there."
    fi
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}"
}
