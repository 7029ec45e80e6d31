# SPDX-License-Identifier: GPL-2.0-or-later
# What people type: builds, installs, tests and checks the module and its helper.
#
# The kernel's build system reads Kbuild, not this file. Every recipe installs the
# Debian packages that it needs where they are missing, and says so; the second time
# that does nothing.

SHELL := /bin/bash

# The kernel to build for: the running one by default, another one with its build
# tree as KDIR, or with its name a kernel of the testbed (KERNEL=uml).
KERNEL ?=
KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
DESTDIR ?=
# What `make install` and `make uninstall` do about the module: dkms, kernel, or none.
MODULE ?=
# Which tests, checks or mutants: names and globs, as `make list-tests` prints them.
T ?=
# Of `make bench`: which rows (names and globs, as `tests/bench/run --list` prints them),
# beside what (snaptun, snaptun-9216, wireguard, veth), how often each figure is measured,
# receive packet steering (off, on, or best: wireguard.ko both ways), and a file for the
# table as JSON.
ROWS ?= $(T)
PATHS ?= snaptun snaptun-9216 wireguard veth
REPETITIONS ?= 5
RPS ?= best
JSON ?=
# Of `make bench-profile`: how many processors the machine has.
CPUS ?= 2
# Of `make bench-scale`: how many tunnels, or with keepalives every so many seconds, N@SECONDS.
TUNNELS ?= 1 100 10000 100000 100000@25

TOOLS := $(patsubst tests/tools/%.c,build/tools/%,$(wildcard tests/tools/*.c))

# Installs packages: $(call need,PACKAGE…)
need = bash -c '. tests/testbed/lib.sh && need $(1)'
# Starts a script that runs make itself, for other trees: what this make was told
# is not for them.
run = set -f; exec env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL
unexport KERNEL KDIR PREFIX DESTDIR MODULE T ROWS PATHS REPETITIONS RPS JSON CPUS TUNNELS

.PHONY: all modules helper tools load install uninstall deb docs demo test test-long list-tests \
	mutants bench bench-curves bench-profile bench-scale check shell clean help

all: modules helper ## the module for the running kernel, and the helper

modules: ## snaptun.ko for the running kernel (KDIR=…: another; KERNEL=uml: a kernel of the testbed)
ifeq ($(KERNEL),)
	@$(run) scripts/build-module '$(KDIR)' build/host
else
	@$(run) tests/testbed/module '$(KERNEL)'
endif

helper: ## build/helper/snaptun and snaptun-control, the command-line tool
	@$(call need,gcc libc6-dev pkg-config $$(grep -v "^#" userspace/PACKAGES))
	@$(MAKE) --no-print-directory -j"$$(nproc)" -C userspace

tools: $(TOOLS) ## build/tools/…, small programs that tests run

build/tools/%: tests/tools/%.c
	@$(call need,gcc libc6-dev)
	@mkdir -p $(@D)
	gcc -O2 -Wall -Wextra -Werror -Iinclude/uapi -o $@ $<

load: modules ## insert the module into the running kernel, after the modules that it depends on
	@scripts/load build/host/snaptun.ko

install: helper ## module (DKMS where it is installed), helper, manuals, units (PREFIX, DESTDIR, MODULE)
	@$(run) KDIR='$(KDIR)' PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' MODULE='$(MODULE)' scripts/install

uninstall: ## remove what `make install` has put there, with the same PREFIX, DESTDIR, MODULE
	@$(run) PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' MODULE='$(MODULE)' scripts/install --remove

deb: ## Debian packages of the tree, in build/deb
	@$(run) scripts/deb

demo: helper tools ## two hosts, a tunnel and a SNAP in a throw-away stock kernel
	@$(run) tests/interop/build-peer --network >/dev/null || (($$? == 77))
	@$(run) tests/testbed/run debian-6.1 tests/demo.sh

test: ## all tests but the long ones, or those whose name matches (T='netns/*')
	@$(run) tests/run $(T)

test-long: ## the tests that take too long for `make test`
	@$(run) tests/run --long $(T)

list-tests: ## the names of the tests, or of those that match (T=…), one a line
	@$(run) tests/run --list $(T)

mutants: ## break the module on purpose, one line at a time: the tests must see it (T=NAME…)
	@$(run) tests/mutants/run $(T)

bench: helper tools ## compare with wireguard.ko (ROWS='tcp-*', PATHS=…, REPETITIONS=5, RPS=best, KERNEL=uml, JSON=FILE)
	@$(run) tests/bench/run --kernel '$(or $(KERNEL),uml)' --rows '$(ROWS)' --paths '$(PATHS)' \
		--repetitions '$(REPETITIONS)' --rps '$(RPS)' $(if $(JSON),--json '$(JSON)')

bench-curves: helper tools ## throughput by flows and packet size, for plots (REPETITIONS=5, RPS=best, JSON=FILE)
	@$(run) tests/bench/run --rows 'flows-* size-*' --repetitions '$(REPETITIONS)' --rps '$(RPS)' \
		$(if $(JSON),--json '$(JSON)')

bench-scale: helper tools ## what many idle tunnels of a responder take (TUNNELS='1 100000 100000@25', JSON=FILE)
	@$(run) tests/bench/run-scale $(if $(JSON),--json '$(JSON)') $(TUNNELS)

bench-profile: helper tools ## where CPU time goes, by stages (ROWS='tcp-1 scion', CPUS=2, JSON=FILE)
	@$(run) tests/bench/profile --rows '$(or $(ROWS),tcp-1)' --cpus '$(CPUS)' \
		$(if $(JSON),--json '$(JSON)')

check: ## style and static analysis (T=NAME…)
	@$(run) tests/check/run $(T)

docs: ## build/docs/html, a site of Documentation/ and the manuals
	@$(run) scripts/docs

shell: ## an interactive shell in a kernel of the testbed (KERNEL=uml)
	@$(run) tests/testbed/shell '$(or $(KERNEL),uml)'

clean: ## remove what was built here; what is cached outside the tree stays
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /  \1\t/p' Makefile | expand -t 16
