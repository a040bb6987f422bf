# Sourced by the set-up scripts: `unchanged STAMP FILE...` is true if the files are as they were at the
# last `remember STAMP FILE...`.
fingerprint() {
    sha256sum -- "$@" | sha256sum | cut -d ' ' -f 1
}
unchanged() {
    local stamp=$1
    shift
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint "$@")" ]
}
remember() {
    local stamp=$1
    shift
    fingerprint "$@" >"$stamp"
}
