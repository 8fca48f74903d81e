# What conf-examples/demo and t/run have in common: install what is missing,
# build the module.  Sourced by bash; $root is the repository.

nginx=${EDITORIAL_NGINX:-/usr/sbin/nginx}
nginx_src=/usr/share/nginx/src

# what building the module and running it takes
build_packages="ca-certificates gcc make pkg-config nginx nginx-dev
                libxml2-dev libjansson-dev zlib1g-dev libhiredis-dev"


fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}


# need LOG PACKAGE ...: installs those that are missing.  Services that their
# packages bring are not started: a policy forbids it, for as long as this
# process lives.

need() {
    local log=$1 p installed missing=
    shift

    command -v dpkg-query > /dev/null || fail "this is not a Debian system," \
        "install by hand: $*"

    # it fails where one has never been heard of
    installed=" $(dpkg-query -W -f '${Package}=${db:Status-Status} ' "$@" \
                  2> /dev/null || true) "

    for p; do
        case $installed in
            *" $p=installed "*) ;;
            *) missing="$missing $p" ;;
        esac
    done

    [ -n "$missing" ] || return 0

    [ "$(id -u)" = 0 ] || fail "as root, run: apt-get install$missing"

    echo "Installing$missing"
    forbid_services

    apt_install "$log" $missing \
        || { apt-get update >> "$log" 2>&1 && apt_install "$log" $missing; } \
        || { tail -n 20 "$log" >&2; fail "apt-get failed, see $log"; }

    allow_services
}


apt_install() {
    local log=$1
    shift

    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get -o DPkg::Lock::Timeout=300 -qy --no-install-recommends \
        install "$@" >> "$log" 2>&1 < /dev/null
}


policy=/usr/sbin/policy-rc.d

forbid_services() {
    [ ! -e "$policy" ] || return 0

    cat > "$policy" << END
#!/bin/sh
# of $0, process $$: no service starts while it installs packages
kill -0 $$ 2> /dev/null && exit 101
rm -f "$policy"
exit 0
END
    chmod 755 "$policy"
}


allow_services() {
    if grep -qs "process $$:" "$policy"; then
        rm -f "$policy"
    fi
}


# npm_install FOLDER: what node programs of t/FOLDER are made with; $work keeps
# for what that was

npm_install() {
    local dir=$root/t/$1 log=$work/npm.log

    [ ! -d "$dir/node_modules" ] \
        || ! cmp -s "$dir/package.json" "$work/$1.json" || return 0

    echo "Installing what t/$1 needs"
    npm install --prefix "$dir" --no-audit --no-fund --no-package-lock \
        > "$log" 2>&1 < /dev/null \
        || { tail -n 40 "$log" >&2; fail "npm install failed, see $log"; }
    cp "$dir/package.json" "$work/$1.json"
}


# the files that the module's config embeds, by name and sum
embedded() {
    (cd "$root" && find src/assets src/console/assets -type f \
                        -exec cksum {} + | sort)
}


# build_module DIR [OPTION ...]: DIR/ngx_http_editorial_module.so, for the
# installed nginx.  Configured again only where nginx, the module's config, the
# files that it embeds or the options have changed.

build_module() {
    local dir=$1 log=$1.log stamp
    shift

    case $root in
        *[[:space:]]*) fail "nginx cannot build in a folder with spaces in" \
                            "its name: $root" ;;
    esac

    stamp=$({ "$nginx" -V; cat "$root/config"; embedded
              echo "$root" "$@"; } 2>&1 | cksum)

    if [ "$(cat "$dir/stamp" 2> /dev/null)" != "$stamp" ]; then
        echo "Configuring the module"
        rm -rf "$dir"
        mkdir -p "$dir"

        (
            cd "$nginx_src"
            . ./conf_flags
            ./configure "${NGX_CONF_FLAGS[@]}" \
                --with-cc-opt="-O2 -g -fPIC" --with-ld-opt="-fPIC" \
                --builddir="$dir" --add-dynamic-module="$root" "$@"
        ) > "$log" 2>&1 || { tail -n 20 "$log" >&2; fail "see $log"; }

        echo "$stamp" > "$dir/stamp"
    fi

    make -C "$nginx_src" -f "$dir/Makefile" -j2 modules > "$log" 2>&1 \
        || { grep -v '^make' "$log" | tail -n 30 >&2; fail "see $log"; }

    [ -e "$dir/ngx_http_editorial_module.so" ] || fail "no module, see $log"
}
