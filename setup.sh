#!/bin/sh
# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
# Installs ess-setup on Debian and starts it:   sudo ./setup.sh [--rehearse | check]
# Without a checkout around it (from a pipe, from /dev/fd): fetches the release first.
# Everything stands in functions, and the call of main in braces that only the last line closes: a
# transfer that was cut off does nothing at all.
set -eu

VERSION=1.0.0
# Written by "make release"; empty in a checkout, which needs no archive.
SHA256=
URLS="https://github.com/niublab/aiya/releases/download/v$VERSION/ess-setup-$VERSION.tar.xz
https://cdn.jsdelivr.net/gh/niublab/aiya@release/ess-setup-$VERSION.tar.xz"

BUILD_PACKAGES="gcc make autoconf automake autopoint gettext pkg-config autoconf-archive xz-utils ca-certificates
libcurl4-openssl-dev libjansson-dev libnewt-dev libssl-dev libyaml-dev"
TEST_PACKAGES="check curl python3 python3-yaml python3-jsonschema strace nsd nginx-light docker-registry openssl procps
tinyproxy tmux whiptail"
PREFIX=/usr/local

chinese()
{
	case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
	zh*) return 0 ;;
	*) return 1 ;;
	esac
}

# say ENGLISH CHINESE: one line, in the language of the environment
say()
{
	if chinese; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi
}

die()
{
	say "setup.sh: $1" "setup.sh：$2" >&2
	exit 1
}

usage()
{
	say "Usage: sudo ./setup.sh [--rehearse] [--from FILE]   install and start
       sudo ./setup.sh check                        build and run every test" \
	    "用法：sudo ./setup.sh [--rehearse] [--from 文件]   安装并启动
      sudo ./setup.sh check                        编译并运行全部测试"
}

# Sets $sudo to what gets the rights of root.
need_root()
{
	sudo=""
	[ "$(id -u)" != 0 ] || return 0
	command -v sudo >/dev/null || die "this needs the rights of root. Type  su -  and then the same again" \
		"需要 root 权限。请先输入 su - ，然后重新执行"
	sudo=sudo
	say "The rights of root are needed; sudo may ask for your password." "需要 root 权限，sudo 可能会询问您的密码。"
}

installed()
{
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Installs what is missing of the packages named; asks the mirror only when something is.
install_packages()
{
	local p missing=""
	for p in "$@"; do
		installed "$p" || missing="$missing $p"
	done
	missing=${missing# }
	[ -n "$missing" ] || return 0
	command -v apt-get >/dev/null || die "there is no apt-get: this is no Debian. Missing: $missing" \
		"没有 apt-get，本机不是 Debian。缺少：$missing"
	say "Installing: $missing" "正在安装：$missing"
	$sudo apt-get -qq -o DPkg::Lock::Timeout=300 update ||
		die "apt-get update failed. Is the line up, are the sources in /etc/apt right?" \
		    "apt-get update 失败。请检查网络和 /etc/apt 中的软件源。"
	# shellcheck disable=SC2086
	$sudo env LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
		apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install $missing >/dev/null ||
		die "apt-get could not install: $missing" "apt-get 无法安装：$missing"
}

# --- the archive ---------------------------------------------------------------------------------

looks_like_html()
{
	head -c 512 "$1" | grep -qi -e '<html' -e '<!doctype'
}

# download URL FILE: 0, or 1 with the reason in $why_en and $why_zh
download()
{
	local status=0
	curl -fsSL --proto '=https' --connect-timeout 20 --speed-limit 1000 --speed-time 60 --retry 2 \
		-o "$2" "$1" || status=$?
	case $status in
	0) return 0 ;;
	18 | 56) why_en="the transfer was cut off" why_zh="传输中断" ;;
	22) why_en="the server refused (HTTP error)" why_zh="服务器拒绝（HTTP 错误）" ;;
	28) why_en="it took too long" why_zh="超时" ;;
	*) why_en="curl ended with $status" why_zh="curl 返回 $status" ;;
	esac
	return 1
}

# verify FILE: 0, or 1 with the reason in $why_en and $why_zh
verify()
{
	local have
	have=$(sha256sum <"$1")
	have=${have%% *}
	[ "$have" != "$SHA256" ] || return 0
	if looks_like_html "$1"; then
		why_en="this is a web page, not the archive: something on the line answers in the server's place"
		why_zh="得到的是网页而不是安装包：线路上有设备代替服务器作了回答"
	else
		why_en="wrong checksum (cut off or changed): $have instead of $SHA256"
		why_zh="校验和不符（传输中断或被改动）：$have，应为 $SHA256"
	fi
	return 1
}

# fetch FILE: from one address after the other until one gives the right archive
fetch()
{
	local url
	for url in $URLS; do
		say "Fetching $url" "正在下载 $url"
		if download "$url" "$1" && verify "$1"; then
			return 0
		fi
		say "  did not work: $why_en" "  不成功：$why_zh" >&2
	done
	die "no address gave the archive. Fetch ess-setup-$VERSION.tar.xz (sha256 $SHA256) in another way, then:  sudo bash setup.sh --from ess-setup-$VERSION.tar.xz" \
	    "所有地址都没能下载到安装包。请用别的办法取得 ess-setup-$VERSION.tar.xz（sha256 $SHA256），然后：sudo bash setup.sh --from ess-setup-$VERSION.tar.xz"
}

# Unpacks the archive ($1, or the fetched one) and goes on as from a checkout.
from_archive()
{
	local from="$1" dir
	shift
	[ -n "$SHA256" ] || die "this copy of setup.sh names no release: run it from an unpacked archive or a checkout" \
		"此 setup.sh 没有对应的发行版：请在解开的安装包或代码目录中运行"
	case $from in
	"" | /*) ;;
	*) from=$start_dir/$from ;;
	esac
	dir=$(mktemp -d /var/tmp/ess-setup-XXXXXX)
	# shellcheck disable=SC2064
	trap "rm -rf '$dir'" EXIT
	cd "$dir"
	if [ -n "$from" ]; then
		[ -r "$from" ] || die "$from cannot be read" "无法读取 $from"
		verify "$from" || die "$from: $why_en" "$from：$why_zh"
	else
		install_packages curl ca-certificates
		from=$dir/archive
		fetch "$from"
	fi
	install_packages xz-utils
	mkdir source
	tar -xJf "$from" -C source --strip-components=1 --no-same-owner ||
		die "the archive cannot be unpacked" "无法解开安装包"
	# In "curl | bash" stdin is this script; the questions are for the terminal.
	if [ ! -t 0 ] && (: </dev/tty) 2>/dev/null; then
		$sudo sh source/setup.sh "$@" </dev/tty
	else
		$sudo sh source/setup.sh "$@"
	fi
}

# --- a checkout ----------------------------------------------------------------------------------

# build DIR OPTION...: configures and compiles below $src in DIR
build()
{
	local dir="$1"
	shift
	if [ ! -x "$src/configure" ] || [ ! -e "$src/build-aux/missing" ] || [ "$src/configure.ac" -nt "$src/configure" ]; then
		(cd "$src" && autoreconf -fi >"$log" 2>&1) || failed
	fi
	mkdir -p "$dir"
	cd "$dir"
	if [ ! -e Makefile ] || [ "$src/configure" -nt Makefile ]; then
		"$src/configure" "$@" >"$log" 2>&1 || failed
	fi
	make -j"$(nproc)" >"$log" 2>&1 || failed
}

failed()
{
	keep_log=yes
	tail -n 30 "$log" >&2
	die "building failed; the lines above say why, all of it is in $log" "编译失败，原因见上面几行，全文在 $log"
}

install_program()
{
	# shellcheck disable=SC2086
	install_packages $BUILD_PACKAGES
	say "Building (one or two minutes)..." "正在编译（一两分钟）……"
	build "$src/build" --prefix="$PREFIX" --sysconfdir=/etc --localstatedir=/var
	make install >"$log" 2>&1 || failed
	[ ! -d /run/systemd/system ] || systemctl daemon-reload
	say "Installed: $PREFIX/bin/ess-setup" "已安装：$PREFIX/bin/ess-setup"
}

start_program()
{
	cd /
	if [ -n "$rehearse" ]; then
		exec "$PREFIX/bin/ess-setup" --rehearse apply --yes
	fi
	exec "$PREFIX/bin/ess-setup"
}

# count FILE...: sets $passed, $failed_tests and $skipped from the TAP lines of the tests
count()
{
	local f
	passed=0 failed_tests=0 skipped=0
	for f in "$@"; do
		[ -e "$f" ] || continue
		skipped=$((skipped + $(grep -ciE '^(ok\b|1\.\.0).*# *skip' "$f" || true)))
		passed=$((passed + $(grep -E '^ok\b' "$f" | grep -cviE '# *skip' || true)))
		failed_tests=$((failed_tests + $(grep -cE '^not ok\b' "$f" || true)))
	done
}

check()
{
	local status=0 t
	# shellcheck disable=SC2086
	install_packages $BUILD_PACKAGES $TEST_PACKAGES
	if command -v clang >/dev/null; then
		say "Compiling with clang..." "用 clang 编译……"
		build "$src/build-clang" CC=clang --enable-werror
	fi
	say "Compiling with gcc and sanitizers..." "用 gcc 和检查工具编译……"
	build "$src/build-check" --enable-werror --enable-sanitizers CFLAGS="-g -O1"
	say "Running the tests..." "运行测试……"
	make -j"$(nproc)" check || status=$?
	# shellcheck disable=SC2046
	count $(find tests -name '*.log' ! -name 'test-suite.log' | sort)
	# A test program that died has no "not ok" line; automake's own result has it.
	for t in $(find tests -name '*.trs' | sort); do
		if grep -q '^:global-test-result: \(FAIL\|ERROR\)' "$t"; then
			cat "${t%.trs}.log"
			grep -q '^not ok' "${t%.trs}.log" || failed_tests=$((failed_tests + 1))
		fi
	done
	[ "$status" = 0 ] || [ "$failed_tests" != 0 ] || failed_tests=1
	if [ "$skipped" = 0 ]; then
		echo "$passed passed, $failed_tests failed"
	else
		echo "$passed passed, $failed_tests failed, $skipped skipped"
	fi
	[ "$failed_tests" = 0 ]
}

# pin ARCHIVE: notes in this file which archive belongs to it (for "make release")
pin()
{
	local sum
	sum=$(sha256sum <"$1")
	sed -i "s/^SHA256=.*/SHA256=${sum%% *}/" "$0"
	echo "$0: $1 ${sum%% *}"
}

# --- what to do ----------------------------------------------------------------------------------

# The folder of this file when it is one of a checkout, else nothing: in a pipe $0 is the shell, and
# /dev/fd/63 is in no folder of ours.
checkout()
{
	local dir
	case $0 in
	setup.sh) dir=$(pwd) ;;
	/dev/* | /proc/*) return 0 ;;
	*/setup.sh) dir=$(cd "${0%/*}" && pwd) ;;
	*) return 0 ;;
	esac
	[ ! -f "$dir/setup.sh" ] || [ ! -f "$dir/configure.ac" ] || printf '%s' "$dir"
}

# In a checkout, as root.
in_checkout()
{
	log=$(mktemp /var/tmp/ess-setup-build-XXXXXX.log)
	keep_log=""
	trap '[ -n "$keep_log" ] || rm -f "$log"' EXIT
	if [ "$1" = check ]; then
		check
	else
		install_program
		rm -f "$log"
		start_program
	fi
}

main()
{
	local action=install from="" src
	rehearse=""
	while [ $# -gt 0 ]; do
		case $1 in
		--rehearse) rehearse=--rehearse ;;
		--from)
			[ $# -gt 1 ] || die "--from needs a file" "--from 后面需要文件名"
			from=$2
			shift
			;;
		check) action=check ;;
		pin)
			pin "$2"
			return
			;;
		-h | --help)
			usage
			return
			;;
		*)
			usage >&2
			exit 2
			;;
		esac
		shift
	done
	umask 022
	start_dir=$(pwd 2>/dev/null) || start_dir=/
	src=$(checkout)
	need_root
	if [ "$action" = check ]; then
		set -- check
	else
		set -- ${rehearse:+"$rehearse"}
	fi
	if [ -n "$from" ] || [ -z "$src" ]; then
		from_archive "$from" "$@"
	elif [ -n "$sudo" ]; then
		exec sudo sh "$src/setup.sh" "$@"
	else
		in_checkout "$action"
	fi
}

{
	main "$@"
	exit
}
