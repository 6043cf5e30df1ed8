# Builds the file system that a candidate program sees, and starts Python in it without any privilege.
#
# Runs as process 1 of namespaces of its own (processes, mounts, network, IPC, host name), as their root. When it dies, whatever its
# reason, the kernel ends every process in there. Arguments: an empty folder, Python's folder, Python, the harness, the user to become
# (0 where there is none other in this namespace), megabytes of the writable folder.
set -eu
root=$1 prefix=$2 python=$3 harness=$4 user=$5 megabytes=$6

mount -t tmpfs -o size=4m,mode=755,nosuid,nodev none "$root"
mkdir "$root/dev" "$root/tmp"
for path in /usr /bin /sbin /lib /lib32 /lib64 /libx32 "$prefix"; do
    if [ -L "$path" ]; then
        ln -s "$(readlink "$path")" "$root$path"
    elif [ -d "$path" ] && [ ! -d "$root$path" ]; then
        mkdir -p "$root$path"
        mount --rbind "$path" "$root$path"
        mount -o remount,bind,ro,nosuid,nodev "$root$path"
    fi
done
for device in null urandom; do
    : > "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t tmpfs -o "size=${megabytes}m,nr_inodes=4096,mode=1777,nosuid,nodev" none "$root/tmp"
mount -o remount,bind,ro,nosuid,nodev "$root"

become=
[ "$user" = 0 ] || become="--reuid $user --regid $user --clear-groups"
# Not replaced by what it starts: this process is the one that must die with the one outside.
# shellcheck disable=SC2086
chroot "$root" setpriv $become --no-new-privs --bounding-set=-all --inh-caps=-all "$python" -I -S -B -c "$harness"
exit $?
