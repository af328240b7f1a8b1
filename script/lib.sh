# Shared by the scripts in this folder; sourced, never run. Messages for people go to standard error,
# because the standard output of script/manage is read by other programs.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
venv=$root/.venv
python=$venv/bin/python
settings_file=${HENGJIAN_INSTANCE:-$root/instance}/settings.env

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# 32 random bytes as URL-safe base64.
random_secret() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }

# Exports the secrets that the application demands: from the environment where they are set, otherwise from
# instance/settings.env, which is written once, readable by its owner alone.
load_secrets() {
    local line name value fresh missing=
    for name in HENGJIAN_SECRET_KEY HENGJIAN_TICKET_SECRET HENGJIAN_DATA_KEY; do
        [ -n "${!name:-}" ] || missing=yes
    done
    [ -n "$missing" ] || [ -e "$settings_file" ] || return 0
    if [ ! -e "$settings_file" ]; then
        mkdir -p -m 700 "$(dirname "$settings_file")" # it holds the database too: for its owner alone
        fresh=$(mktemp "$settings_file.XXXXXX") # mktemp makes it with mode 0600
        {
            echo "# Secrets of this installation. Keep a copy apart from the database: without HENGJIAN_DATA_KEY the"
            echo "# identity numbers in it cannot be read. Never commit this file."
            for name in HENGJIAN_SECRET_KEY HENGJIAN_TICKET_SECRET HENGJIAN_DATA_KEY; do
                echo "$name=$(random_secret)"
            done
        } >"$fresh"
        # A hard link fails where the name exists: of two first starts at once, the first one's secrets stand.
        ln "$fresh" "$settings_file" 2>/dev/null || true
        rm -f "$fresh"
    fi
    while read -r line || [ -n "$line" ]; do
        name=${line%%=*} value=${line#*=}
        case $line in
            '' | \#*) continue ;;
            *=*) [ -n "${!name:-}" ] || export "$name=$value" ;;
            *) die "$settings_file: 这一行不是 名称=值 / this line is not NAME=value: $line" ;;
        esac
    done <"$settings_file"
}
