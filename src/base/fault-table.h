/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The table of faults: FAULT(NAME, "E-AREA-NNN", title, CAUSES(...), REMEDIES(...)).
 *
 * A new error is one row. The title says in one sentence what is wrong; each cause says why it
 * may be and what to do about it, the most likely first; each remedy is something the program
 * can start itself. Ids are never renamed or used again. Included several times: no guard. */

/* --- the program itself and its files --- */
FAULT(INTERNAL, "E-INT-001", N_("The program made a mistake."),
      CAUSES(N_("This is a fault in ess-setup, not in your machine. Please report it with the log.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(USAGE, "E-USE-001", N_("The command was not understood."),
      CAUSES(N_("A word or an option is misspelt. See the manual page ess-setup(1).")),
      REMEDIES(R_COMMAND("--help")))
FAULT(IO, "E-FS-001", N_("A file could not be read or written."),
      CAUSES(N_("The disk is failing or mounted read-only: look at the kernel's messages with dmesg."),
	     N_("The program does not run as root: start it with sudo.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(NO_SPACE, "E-FS-002", N_("The disk is full."),
      CAUSES(N_("Other files fill the disk: free some space (df -h shows where), then continue. Nothing is lost.")),
      REMEDIES(R_RETRY))
FAULT(LOCKED, "E-RUN-001", N_("Another run is at work."),
      CAUSES(N_("An installation is still running. Watch it with: ess-setup attach. Removing the lock file is always wrong.")),
      REMEDIES(R_COMMAND("attach")))
FAULT(CANCELLED, "E-RUN-002", N_("The run was cancelled."),
      CAUSES(N_("Someone cancelled it. Everything finished so far is kept; continue whenever you like.")),
      REMEDIES(R_RETRY))
FAULT(NOT_RUNNING, "E-RUN-003", N_("No run is at work."),
      CAUSES(N_("There is nothing to cancel or to watch. Start one with: ess-setup apply")),
      REMEDIES(R_COMMAND("status")))
FAULT(ENGINE_START, "E-RUN-005", N_("The installation could not be started."),
      CAUSES(N_("The program is only half installed: install it again with setup.sh."),
	     N_("The system's own log says more: journalctl -u ess-engine.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(NOT_YET, "E-RUN-006", N_("Something is not known yet."),
      CAUSES(N_("An earlier step finds it out: run the installation from its beginning.")),
      REMEDIES(R_RETRY))
FAULT(ENGINE_DIED, "E-RUN-007", N_("The engine ended in the middle of the work."),
      CAUSES(N_("The machine ran out of memory and the kernel ended it: look with dmesg, then continue."),
	     N_("Somebody ended it. Nothing is lost: continue, the run goes on where it stood.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(REHEARSAL_DIR, "E-RUN-008", N_("The folder for the rehearsal cannot be used."),
      CAUSES(N_("It belongs to somebody else, or others may look into it: name another one with --rehearse=DIR.")),
      REMEDIES(R_COMMAND("--rehearse=/root/rehearsal")))
FAULT(STATE_BAD, "E-STA-001", N_("The record of what is done so far cannot be read."),
      CAUSES(N_("The file was edited or damaged. It was left as it is. To start over, set it aside with: ess-setup state reset")),
      REMEDIES(R_COMMAND("state reset"), R_LOG))
FAULT(STATE_NEWER, "E-STA-002", N_("The record of what is done was written by a newer ess-setup."),
      CAUSES(N_("This machine was set up with a newer version: install that version again.")),
      REMEDIES(R_LOG))
FAULT(NOT_PRESENT, "E-STP-001", N_("A step ended without an error, but what it should have made is not there."),
      CAUSES(N_("Something else on this machine changes the same thing at the same time."),
	     N_("The log shows what was done and what was found afterwards.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(TIMEOUT, "E-RUN-004", N_("It took too long."),
      CAUSES(N_("The machine or the line is slow: try again, work that is done is kept."),
	     N_("Something it waits for cannot happen: the log shows the last state seen.")),
      REMEDIES(R_RETRY, R_LOG))

/* --- commands that are run --- */
FAULT(COMMAND_MISSING, "E-CMD-001", N_("A program that is needed is not installed."),
      CAUSES(N_("It was removed after an earlier step installed it: run the installation again.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(COMMAND_FAILED, "E-CMD-002", N_("A command failed."),
      CAUSES(N_("The log shows the command and its last lines.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(COMMAND_OUTPUT, "E-CMD-003", N_("A command answered something that cannot be read."),
      CAUSES(N_("Another program of the same name may be installed, or the command was cut off. The log shows the answer.")),
      REMEDIES(R_RETRY, R_LOG))

/* --- answers (configuration) --- */
FAULT(CONFIG_BAD, "E-CFG-001", N_("The file with the answers cannot be used."),
      CAUSES(N_("It was edited by hand and is no longer valid: the message names the place. Correct it, or write a new one with: ess-setup config import FILE")),
      REMEDIES(R_LOG))
FAULT(CONFIG_KEY, "E-CFG-002", N_("There is no answer of that name."),
      CAUSES(N_("The name is misspelt: the message names the nearest one. All names: ess-setup config export")),
      REMEDIES(R_COMMAND("config export")))
FAULT(CONFIG_VALUE, "E-CFG-003", N_("An answer is not valid."),
      CAUSES(N_("The message says which one, what is wrong with it, and shows an example of a right one.")),
      REMEDIES(R_COMMAND("config check")))
FAULT(REQUEST_BAD, "E-REQ-001", N_("The order to the installer cannot be read."),
      CAUSES(N_("The file request.json was edited or damaged: start the installation again with ess-setup apply.")),
      REMEDIES(R_RETRY))

/* --- secrets --- */
FAULT(SECRETS_BAD, "E-SEC-001", N_("The stored secrets cannot be opened."),
      CAUSES(N_("The key file and the secrets file do not belong together, or one was damaged. Put both back from a backup, or enter the secrets again.")),
      REMEDIES(R_LOG))

/* --- network: http, dns --- */
FAULT(HTTP_DNS, "E-NET-001", N_("The name of a server was not found."),
      CAUSES(N_("This machine's name server does not answer: look into /etc/resolv.conf and try: getent hosts github.com"),
	     N_("The name is misspelt in the configuration, or its DNS record was made only minutes ago: wait and try again."),
	     N_("The provider hides the name: set a mirror or a proxy on the advanced page.")),
      REMEDIES(R_RETRY, R_EDIT("network.proxy"), R_LOG))
FAULT(HTTP_CONNECT, "E-NET-002", N_("A server could not be reached, or the connection broke."),
      CAUSES(N_("The line is down or shaky: try again, downloads go on where they stopped."),
	     N_("A firewall or the provider blocks this server: set a mirror or a proxy on the advanced page."),
	     N_("A proxy is set but does not work: correct it or remove it.")),
      REMEDIES(R_RETRY, R_EDIT("network.proxy"), R_LOG))
FAULT(HTTP_TLS, "E-NET-003", N_("The identity of a server could not be verified (TLS)."),
      CAUSES(N_("The clock of this machine is wrong: compare the date command with a watch."),
	     N_("The list of trusted authorities is missing or old: install the package ca-certificates."),
	     N_("A proxy or a firewall opens the connection on its way: name its CA file in network.ca_file."),
	     N_("The server shows the certificate of another name, or an expired one.")),
      REMEDIES(R_RETRY, R_EDIT("network.ca_file"), R_LOG))
FAULT(HTTP_TIMEOUT, "E-NET-004", N_("A server did not answer in time."),
      CAUSES(N_("The line is slow or the server is busy: try again, downloads go on where they stopped."),
	     N_("A firewall swallows the packets: set a mirror or a proxy on the advanced page.")),
      REMEDIES(R_RETRY, R_EDIT("network.proxy"), R_LOG))
FAULT(HTTP_TOO_BIG, "E-NET-005", N_("A server sent more than it should."),
      CAUSES(N_("Another page stands at this address: check the mirror in the configuration."),
	     N_("A proxy or a login page of the network answers in place of the server.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(HTTP_PROTOCOL, "E-NET-006", N_("A server answered something that is not understood."),
      CAUSES(N_("A proxy, a firewall or a login page of the network answers in place of the server."),
	     N_("The address is wrong, or leads in a circle, or from https to plain http: check the mirror in the configuration.")),
      REMEDIES(R_RETRY, R_EDIT("network.proxy"), R_LOG))
FAULT(HTTP_STATUS, "E-NET-007", N_("A server refused the download."),
      CAUSES(N_("The file is not there (status 404): the version or the mirror in the configuration is wrong."),
	     N_("Too many downloads from this address (status 403 or 429): wait an hour, then continue."),
	     N_("The server is out of order (status 500 and above): try again later.")),
      REMEDIES(R_RETRY, R_EDIT("mirrors.github"), R_LOG))
FAULT(HASH, "E-NET-008", N_("A downloaded file is not the one that was expected (its SHA-256 differs)."),
      CAUSES(N_("A proxy, a mirror or a login page of the network sent something else: try without the mirror. The file was not used."),
	     N_("The file was damaged on its way: try again."),
	     N_("The version was published anew, or a version was set without its hash: check the supply settings.")),
      REMEDIES(R_RETRY, R_EDIT("mirrors.github"), R_LOG))
FAULT(DNS_TIMEOUT, "E-NS-001", N_("A name server did not answer."),
      CAUSES(N_("The line is down or shaky: try again."),
	     N_("A firewall or the provider blocks questions to foreign name servers (port 53): set other servers in network.resolvers.")),
      REMEDIES(R_RETRY, R_EDIT("network.resolvers"), R_LOG))
FAULT(DNS_BAD, "E-NS-002", N_("A name server answered something that is not understood, or a name cannot exist in DNS."),
      CAUSES(N_("The name is misspelt: it has an empty part, a part of more than 63 letters, or more than 253 in all."),
	     N_("A router or a firewall answers in place of the name server: set other servers in network.resolvers.")),
      REMEDIES(R_RETRY, R_EDIT("network.resolvers"), R_LOG))

/* --- the rendered manifest: post-renderer and gate --- */
FAULT(RENDER_SIZE, "E-RND-001", N_("The manifest that helm made is too large."),
      CAUSES(N_("A file of extra values puts something very large into it: take it out."),
	     N_("Something else than a chart's manifest was sent to the post-renderer.")),
      REMEDIES(R_EDIT("ess.extra_values"), R_LOG))
FAULT(RENDER_UTF8, "E-RND-002", N_("The manifest that helm made is not valid text (UTF-8)."),
      CAUSES(N_("A file of extra values was saved in another character set: save it as UTF-8."),
	     N_("The downloaded chart is damaged: clear the download and try again.")),
      REMEDIES(R_EDIT("ess.extra_values"), R_RETRY, R_LOG))
FAULT(RENDER_YAML, "E-RND-003", N_("The manifest that helm made cannot be read."),
      CAUSES(N_("A file of extra values breaks the form of the manifest: leave it out and try again."),
	     N_("Helm was stopped in the middle of its work: try again.")),
      REMEDIES(R_RETRY, R_EDIT("ess.extra_values"), R_LOG))
FAULT(RENDER_DUPLICATE, "E-RND-004", N_("A name stands twice in the manifest that helm made."),
      CAUSES(N_("A file of extra values sets something that the chart sets itself: take it out. Which of the two would count is not certain, so neither is used.")),
      REMEDIES(R_EDIT("ess.extra_values"), R_LOG))
FAULT(RENDER_OBJECT, "E-RND-005", N_("What helm made holds no Kubernetes objects, or something else beside them."),
      CAUSES(N_("Helm was stopped in the middle of its work: try again."),
	     N_("The chart is newer than this ess-setup knows: set supply.chart_version to the version that worked, or update ess-setup.")),
      REMEDIES(R_RETRY, R_EDIT("supply.chart_version"), R_LOG))
FAULT(RENDER_NO_INGRESS, "E-RND-006", N_("The manifest has no Ingress, so nothing would be reachable."),
      CAUSES(N_("The chart is newer than this ess-setup knows: set supply.chart_version to the version that worked, or update ess-setup."),
	     N_("A file of extra values switches the Ingresses off: take that out.")),
      REMEDIES(R_EDIT("supply.chart_version"), R_EDIT("ess.extra_values"), R_LOG))
FAULT(RENDER_HOST, "E-RND-007", N_("An Ingress names its hosts in a way that is not known."),
      CAUSES(N_("A file of extra values sets the host of an Ingress: take that out, the names come from the domain page."),
	     N_("The chart is newer than this ess-setup knows: set supply.chart_version to the version that worked, or update ess-setup.")),
      REMEDIES(R_EDIT("ess.extra_values"), R_EDIT("supply.chart_version"), R_LOG))
FAULT(RENDER_PORTS, "E-RND-008", N_("The manifest names more than one public HTTPS port."),
      CAUSES(N_("A file of extra values sets the host of an Ingress with another port: take that out, the port comes from the port page."),
	     N_("The chart is newer than this ess-setup knows: set supply.chart_version to the version that worked, or update ess-setup.")),
      REMEDIES(R_EDIT("ess.extra_values"), R_EDIT("supply.chart_version"), R_LOG))
FAULT(RENDER_WELL_KNOWN, "E-RND-009", N_("The file that tells other servers where this one is was not found in the manifest."),
      CAUSES(N_("The chart is newer than this ess-setup knows: set supply.chart_version to the version that worked, or update ess-setup."),
	     N_("A file of extra values switches wellKnownDelegation off: take that out.")),
      REMEDIES(R_EDIT("supply.chart_version"), R_EDIT("ess.extra_values"), R_LOG))
FAULT(RENDER_SERVER, "E-RND-010", N_("The address that other servers are told (m.server) has a form that is not known."),
      CAUSES(N_("The chart is newer than this ess-setup knows: set supply.chart_version to the version that worked, or update ess-setup."),
	     N_("A file of extra values sets wellKnownDelegation.additional.server: take m.server out of it.")),
      REMEDIES(R_EDIT("supply.chart_version"), R_EDIT("ess.extra_values"), R_LOG))
FAULT(RENDER_GATE, "E-RND-011", N_("What would be installed does not fit your names and the public port."),
      CAUSES(N_("A file of extra values sets an address without the public port, or a name that is not yours: correct it. The log lists every place."),
	     N_("The chart is newer than this ess-setup knows: set supply.chart_version to the version that worked, or update ess-setup.")),
      REMEDIES(R_EDIT("ess.extra_values"), R_EDIT("supply.chart_version"), R_LOG))

/* --- steps, in the order of their numbers --- */
/* preflight */
FAULT(PRE_ROOT, "E-PRE-001", N_("The installation needs the rights of root."),
      CAUSES(N_("It was started as an ordinary user: start it again with sudo.")),
      REMEDIES(R_RETRY))
FAULT(PRE_OS, "E-PRE-002", N_("This operating system is not supported."),
      CAUSES(N_("ess-setup is made for Debian 12 and 13. On an older Debian, upgrade it first; on another system, use a machine with Debian.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(PRE_ARCH, "E-PRE-003", N_("This processor is not supported."),
      CAUSES(N_("Only 64-bit PCs (amd64) and 64-bit ARM (arm64) are. On a Raspberry Pi install the 64-bit system.")),
      REMEDIES(R_LOG))
FAULT(PRE_MEMORY, "E-PRE-004", N_("This machine has too little memory."),
      CAUSES(N_("2 GiB are the least, 4 GiB and more are comfortable. Give the virtual machine more memory, or use another machine.")),
      REMEDIES(R_RETRY))
FAULT(PRE_CPU, "E-PRE-005", N_("This machine has too few processor cores."),
      CAUSES(N_("Two are the least: K3s and the Matrix server share them. Give the virtual machine a second core.")),
      REMEDIES(R_RETRY))
FAULT(PRE_DISK, "E-PRE-006", N_("There is too little free disk space."),
      CAUSES(N_("The container images alone need several GiB: free some space (df -h shows where it is), or enlarge the disk."),
	     N_("Another disk has the space: set the data folder to a place on it.")),
      REMEDIES(R_RETRY, R_EDIT("paths.home")))
FAULT(PRE_CGROUP, "E-PRE-007", N_("The kernel does not offer what containers need (cgroups)."),
      CAUSES(N_("On a Raspberry Pi add cgroup_memory=1 cgroup_enable=memory to the one line of /boot/firmware/cmdline.txt and restart."),
	     N_("In a container (LXC, OpenVZ) the host must allow it: use a real or a fully virtual machine instead.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(PRE_CLOCK, "E-PRE-008", N_("The clock of this machine is wrong."),
      CAUSES(N_("No time service runs: install one (apt-get install systemd-timesyncd), then timedatectl set-ntp true."),
	     N_("The network blocks NTP (UDP port 123): set the clock by hand with timedatectl set-time.")),
      REMEDIES(R_RETRY))
FAULT(PRE_FOREIGN, "E-PRE-009", N_("Another Kubernetes is already on this machine."),
      CAUSES(N_("Keep it and install into it: set the kind of cluster to existing and name its kubeconfig."),
	     N_("It is no longer needed: remove it with its own uninstaller (for K3s: /usr/local/bin/k3s-uninstall.sh, which deletes its data).")),
      REMEDIES(R_EDIT("cluster.kind"), R_RETRY))
FAULT(PRE_PORT, "E-PRE-010", N_("A port that is needed is already in use."),
      CAUSES(N_("Another program listens there: ss -lntup shows which one. Stop it, or give it another port."),
	     N_("The other program must stay: choose another port here. The router's rules change with it.")),
      REMEDIES(R_RETRY, R_EDIT("ports.https")))
FAULT(PRE_ROUTE, "E-PRE-011", N_("This machine has no way to the network (no default route)."),
      CAUSES(N_("The network is not configured or the cable is out: ip route must show a line that begins with default."),
	     N_("The address comes by DHCP and no router answered: look at the router.")),
      REMEDIES(R_RETRY))
FAULT(PRE_CIDR, "E-PRE-012", N_("An address range for the cluster is already used by your network."),
      CAUSES(N_("The range was set by hand: leave it empty, then a free one is chosen."),
	     N_("A VPN or another network uses all private ranges that were tried: set one that is free.")),
      REMEDIES(R_EDIT("cluster.pod_cidr"), R_EDIT("cluster.service_cidr")))
FAULT(PRE_CIDR_FIXED, "E-PRE-013", N_("The address ranges of a running cluster cannot be changed."),
      CAUSES(N_("They were fixed when K3s started for the first time. Put the old value back, or remove everything and install anew.")),
      REMEDIES(R_EDIT("cluster.pod_cidr"), R_EDIT("cluster.service_cidr")))
FAULT(PRE_FIREWALL, "E-PRE-014", N_("The firewall of this machine would block the cluster's own traffic."),
      CAUSES(N_("The pods must reach this machine. Allow the program to add exactly the rules named above; it notes them and takes them away again when it is removed."),
	     N_("You want to do it yourself: run the commands named above, then continue.")),
      REMEDIES(R_EDIT("firewall.manage"), R_RETRY))
FAULT(PRE_FIREWALL_NFT, "E-PRE-015", N_("Your own nftables rules would block the cluster's traffic."),
      CAUSES(N_("A chain drops whatever it does not name. Add the rule named above to /etc/nftables.conf before its final drop, load it with systemctl reload nftables, then continue. The program does not edit rules that you wrote yourself.")),
      REMEDIES(R_RETRY))
FAULT(PRE_ADDRESS, "E-PRE-016", N_("The address for the cluster's inner service cannot be used."),
      CAUSES(N_("It must lie in the first 256 addresses of the service range and be neither the first nor the tenth. Leave it empty, then a free one is chosen.")),
      REMEDIES(R_EDIT("cluster.internal_address")))

/* supply */
FAULT(SUP_VERSION, "E-SUP-001", N_("The wanted version does not exist."),
      CAUSES(N_("The version is misspelt: it is written as upstream writes it. Leave it empty, then the newest fitting one is taken.")),
      REMEDIES(R_EDIT("supply.k3s_version"), R_EDIT("supply.chart_version"), R_RETRY))
FAULT(SUP_SOURCE, "E-SUP-002", N_("A file that is needed cannot be fetched from its source."),
      CAUSES(N_("The network blocks or slows down this server (common in China): name a mirror or a proxy."),
	     N_("The server is down for the moment: try again later.")),
      REMEDIES(R_RETRY, R_EDIT("mirrors.github"), R_EDIT("network.proxy")))
FAULT(SUP_DIGEST, "E-SUP-003", N_("The checksum that a download must have is not known."),
      CAUSES(N_("The server answered with something else than a list of checksums, for example a log-in page of the network: try in another network, or name a mirror or a proxy.")),
      REMEDIES(R_RETRY, R_EDIT("mirrors.github"), R_EDIT("network.proxy")))
FAULT(SUP_REGISTRY, "E-SUP-004", N_("A registry of container images cannot be reached."),
      CAUSES(N_("The network blocks it (common in China for docker.io and ghcr.io): name a mirror for it, or a proxy."),
	     N_("The registry is down for the moment: try again later.")),
      REMEDIES(R_RETRY, R_EDIT("mirrors.docker_io"), R_EDIT("network.proxy")))
FAULT(SUP_OCI, "E-SUP-005", N_("A registry answered something that cannot be used."),
      CAUSES(N_("A mirror does not carry what was asked for, or asks for a log-in: try without the mirror or with another one."),
	     N_("The registry has a passing fault: try again later.")),
      REMEDIES(R_RETRY, R_EDIT("mirrors.ghcr_io"), R_EDIT("mirrors.quay_io")))

/* public-address */
FAULT(IP_NO_NAME, "E-IP-001", N_("The name that shows your public address does not exist."),
      CAUSES(N_("Make an A record with this name that points to the public address of your router, and let your router or a DDNS program keep it up to date."),
	     N_("The record was made a moment ago: resolvers remember for some minutes that it was missing. Wait and try again.")),
      REMEDIES(R_RETRY, R_EDIT("network.public_address_mode")))
FAULT(IP_PRIVATE, "E-IP-002", N_("The public address is a private one."),
      CAUSES(N_("The DDNS program wrote the address of this machine instead of the router's: configure it to find out the public one."),
	     N_("Your router is behind another router: forward the ports on both, and write the outer one's public address into DNS.")),
      REMEDIES(R_RETRY, R_EDIT("network.public_address_mode")))
FAULT(IP_CGNAT, "E-IP-003", N_("Your provider gives you no public address (carrier-grade NAT)."),
      CAUSES(N_("Addresses from 100.64.0.0 to 100.127.255.255 are shared by many customers: nobody can reach you from outside. Ask your provider for a public IPv4 address; many give one on request.")),
      REMEDIES(R_RETRY))
FAULT(IP_RESERVED, "E-IP-004", N_("The public address is one that cannot exist on the Internet."),
      CAUSES(N_("It is a placeholder (such as 203.0.113.1), a loopback or another reserved address: write the real one into DNS."),
	     N_("The network answers DNS questions falsely: compare with the answer in another network, and set other resolvers.")),
      REMEDIES(R_RETRY, R_EDIT("network.resolvers")))
FAULT(IP_SEVERAL, "E-IP-005", N_("The name that shows your public address has several addresses."),
      CAUSES(N_("An old record was left behind: remove all but the right A record."),
	     N_("The record is proxied by Cloudflare (orange cloud), so Cloudflare's addresses are seen: switch it to DNS only.")),
      REMEDIES(R_RETRY))
FAULT(IP_CNAME, "E-IP-006", N_("The name that shows your public address is an alias that leads nowhere."),
      CAUSES(N_("The CNAME record points to a name without an address: correct it, or replace it by an A record."),
	     N_("The DDNS service behind the alias has expired or lost your address: log in there.")),
      REMEDIES(R_RETRY))
FAULT(IP_DISAGREE, "E-IP-007", N_("The resolvers do not agree on your public address."),
      CAUSES(N_("The record was changed a moment ago and one resolver still has the old answer: wait some minutes, then try again."),
	     N_("The network intercepts DNS questions to one of them: set resolvers that are not intercepted.")),
      REMEDIES(R_RETRY, R_EDIT("network.resolvers")))
FAULT(IP_NO_RESOLVER, "E-IP-008", N_("None of the DNS resolvers answers."),
      CAUSES(N_("The network blocks DNS to servers outside (UDP and TCP port 53): set resolvers that can be reached, such as your router's."),
	     N_("This machine has no Internet for the moment: try again later.")),
      REMEDIES(R_RETRY, R_EDIT("network.resolvers")))
FAULT(IP_REFUSED, "E-IP-009", N_("The DNS resolvers cannot answer for your domain."),
      CAUSES(N_("The domain's name servers are broken or not set at the registrar (SERVFAIL): compare them with those that Cloudflare shows."),
	     N_("A resolver refuses to serve you: set others.")),
      REMEDIES(R_RETRY, R_EDIT("network.resolvers")))
FAULT(IP_MANUAL, "E-IP-010", N_("The public address is to be given by hand, but none is given."),
      CAUSES(N_("Enter your router's public IPv4 address, or let it be found by DNS.")),
      REMEDIES(R_EDIT("network.public_address"), R_EDIT("network.public_address_mode")))
FAULT(IP_STUN, "E-IP-011", N_("None of the STUN servers tells the public address."),
      CAUSES(N_("The network blocks them: name others, or let the address be found by DNS."),
	     N_("No STUN server is named.")),
      REMEDIES(R_EDIT("network.stun_servers"), R_EDIT("network.public_address_mode"), R_RETRY))

/* dns, Cloudflare */
FAULT(CF_NO_TOKEN, "E-CF-001", N_("There is no Cloudflare API token."),
      CAUSES(N_("Make one at dash.cloudflare.com: My Profile, API Tokens, Create Token, with the permissions Zone - DNS - Edit and Zone - Zone - Read, and enter it.")),
      REMEDIES(R_EDIT("cloudflare.token")))
FAULT(CF_GLOBAL_KEY, "E-CF-002", N_("This is Cloudflare's Global API Key, not an API token."),
      CAUSES(N_("The Global API Key opens your whole account and does not work here. Make an API token instead (My Profile, API Tokens, Create Token).")),
      REMEDIES(R_EDIT("cloudflare.token")))
FAULT(CF_TOKEN_SHAPE, "E-CF-003", N_("The Cloudflare API token contains characters that no token has."),
      CAUSES(N_("A space, a line break or quotation marks came along when it was copied: enter the token alone.")),
      REMEDIES(R_EDIT("cloudflare.token")))
FAULT(CF_ZONE_READ, "E-CF-004", N_("The Cloudflare API token may not see your domain."),
      CAUSES(N_("The token lacks the permission Zone - Zone - Read: edit the token at Cloudflare and add it."),
	     N_("The token is limited to other domains: under Zone Resources include this one, or all zones.")),
      REMEDIES(R_RETRY, R_EDIT("cloudflare.token")))
FAULT(CF_NO_ZONE, "E-CF-005", N_("Cloudflare shows no zone for your domain to this token."),
      CAUSES(N_("The domain is not at Cloudflare: add it there and set Cloudflare's name servers at your registrar."),
	     N_("The domain is in another Cloudflare account: make the token in that one."),
	     N_("The token is limited to other domains: under Zone Resources include this one.")),
      REMEDIES(R_RETRY, R_EDIT("cloudflare.token"), R_EDIT("domains.server_name")))
FAULT(CF_ZONE_PENDING, "E-CF-006", N_("Your domain is at Cloudflare but not active yet."),
      CAUSES(N_("The registrar still names other name servers: enter the two that Cloudflare shows. It may take hours until Cloudflare notices.")),
      REMEDIES(R_RETRY))
FAULT(CF_TOKEN_FORMAT, "E-CF-007", N_("Cloudflare says that this is not the form of an API token."),
      CAUSES(N_("Another value was entered, such as the Global API Key, an Origin CA Key or a part of the token: enter the token as it was shown when it was made.")),
      REMEDIES(R_EDIT("cloudflare.token")))
FAULT(CF_TOKEN_UNKNOWN, "E-CF-008", N_("Cloudflare does not know this API token."),
      CAUSES(N_("It was deleted, rolled or has expired: make a new one."),
	     N_("A character is missing: enter it again.")),
      REMEDIES(R_EDIT("cloudflare.token"), R_RETRY))
FAULT(CF_TOKEN_REFUSED, "E-CF-009", N_("Cloudflare refuses this API token for what was asked."),
      CAUSES(N_("The token belongs to something else or lacks rights: make a new one with Zone - DNS - Edit and Zone - Zone - Read.")),
      REMEDIES(R_EDIT("cloudflare.token"), R_RETRY))
FAULT(CF_AUTH, "E-CF-010", N_("Cloudflare answers: authentication error."),
      CAUSES(N_("The token lacks a permission: it needs Zone - DNS - Edit and Zone - Zone - Read for this domain."),
	     N_("The token is invalid: make a new one.")),
      REMEDIES(R_EDIT("cloudflare.token"), R_RETRY))
FAULT(CF_DNS_WRITE, "E-CF-011", N_("The Cloudflare API token may read the DNS records of your domain but not write them."),
      CAUSES(N_("The token has Zone - DNS - Read: change it to Zone - DNS - Edit. Without it no certificate can be issued.")),
      REMEDIES(R_RETRY, R_EDIT("cloudflare.token")))
FAULT(CF_TXT_LOST, "E-CF-012", N_("A test record could be written at Cloudflare but is not to be seen afterwards."),
      CAUSES(N_("Cloudflare has a passing fault, or another program removes records that it does not know: try again.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(CF_CONFLICT, "E-CF-013", N_("Cloudflare refuses a record because another one is in its way."),
      CAUSES(N_("A name can have either addresses (A, AAAA) or an alias (CNAME): remove the other record at Cloudflare. The program does not delete what it did not make.")),
      REMEDIES(R_RETRY))
FAULT(CF_RATE_LIMIT, "E-CF-014", N_("Cloudflare refuses further questions for the moment (rate limit)."),
      CAUSES(N_("More than 1200 requests in five minutes came from your account, all programs and tokens together: stop the others, wait five minutes, and try again.")),
      REMEDIES(R_RETRY))
FAULT(CF_DOWN, "E-CF-015", N_("Cloudflare's API does not work for the moment."),
      CAUSES(N_("See www.cloudflarestatus.com, and try again later."),
	     N_("A proxy or the network answers in Cloudflare's place: try without the proxy.")),
      REMEDIES(R_RETRY, R_EDIT("network.proxy")))
FAULT(CF_KEY_HEADER, "E-CF-016", N_("Cloudflare took the token for an API key."),
      CAUSES(N_("A proxy changes the request's headers: try without it.")),
      REMEDIES(R_EDIT("network.proxy"), R_RETRY))
FAULT(CF_NO_HEADER, "E-CF-017", N_("The token did not reach Cloudflare."),
      CAUSES(N_("A proxy removes the request's Authorization header: try without it.")),
      REMEDIES(R_EDIT("network.proxy"), R_RETRY))
FAULT(CF_TLD, "E-CF-018", N_("Cloudflare does not let programs change the DNS of this kind of domain."),
      CAUSES(N_("Its API refuses domains that end in .cf, .ga, .gq, .ml or .tk: use a domain with another ending.")),
      REMEDIES(R_EDIT("domains.server_name")))
FAULT(CF_OTHER, "E-CF-019", N_("Cloudflare refused a request."),
      CAUSES(N_("The code and the sentence are Cloudflare's own. The log has the whole answer.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(CF_IP_FILTER, "E-CF-020", N_("The Cloudflare API token may not be used from your address."),
      CAUSES(N_("The token has a filter on client addresses. Your address changes, so remove the filter: edit the token at Cloudflare, Client IP Address Filtering.")),
      REMEDIES(R_RETRY, R_EDIT("cloudflare.token")))
FAULT(DNS_RECORDS, "E-DNS-001", N_("DNS records are missing or wrong."),
      CAUSES(N_("Set them at Cloudflare exactly as named above, then continue."),
	     N_("Or allow the program to write A and SRV records: then it sets them itself and deletes nothing.")),
      REMEDIES(R_RETRY, R_EDIT("dns.manage")))
FAULT(DNS_CONFLICT, "E-DNS-002", N_("A DNS record is in the way of another."),
      CAUSES(N_("The record named above sends visitors elsewhere: remove it at Cloudflare. The program does not delete what it did not make.")),
      REMEDIES(R_RETRY))
FAULT(DNS_PROXIED_RTC, "E-DNS-003", N_("The host for calls is proxied by Cloudflare."),
      CAUSES(N_("Cloudflare's proxy lets no call media through: set the record named above to DNS only (grey cloud).")),
      REMEDIES(R_RETRY, R_EDIT("dns.manage")))
FAULT(DNS_PROXIED_IP, "E-DNS-004", N_("The name that shows your public address is proxied by Cloudflare."),
      CAUSES(N_("So it shows Cloudflare's address instead of yours: set the record named above to DNS only (grey cloud).")),
      REMEDIES(R_RETRY))
FAULT(DNS_PROXIED_PORT, "E-DNS-005", N_("A host is proxied by Cloudflare, but its proxy does not serve your port."),
      CAUSES(N_("Set the record named above to DNS only (grey cloud)."),
	     N_("Or choose a port that Cloudflare's proxy serves: 443, 2053, 2083, 2087, 2096 or 8443.")),
      REMEDIES(R_RETRY, R_EDIT("ports.https")))

/* packages */
FAULT(APT_LOCK, "E-APT-001", N_("Debian's package system is busy."),
      CAUSES(N_("Automatic updates run, as on a freshly made server: wait until they are done (some minutes), then try again. Never remove the lock file.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(APT_FETCH, "E-APT-002", N_("Debian's package servers cannot be reached."),
      CAUSES(N_("The network or the resolver of this machine does not work: try apt-get update."),
	     N_("The mirror in /etc/apt/sources.list is gone or slow: choose another one.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(APT_PACKAGE, "E-APT-003", N_("Debian's package lists do not have a package that is needed."),
      CAUSES(N_("The lists are old or incomplete: apt-get update must end without an error. /etc/apt/sources.list must name the main archive, not only a CD.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(APT_FAILED, "E-APT-004", N_("Debian's package system could not install a package."),
      CAUSES(N_("An earlier installation was interrupted or another package is broken: apt-get -f install shows and often mends it."),
	     N_("The log shows apt's own words.")),
      REMEDIES(R_RETRY, R_LOG))

/* steps 45 to 65: the cluster and what stands in it before the chart */
FAULT(KUBE_UNREACHABLE, "E-KUB-001", N_("The cluster does not answer."),
      CAUSES(N_("K3s is starting, or was stopped: systemctl status k3s shows which. Starting can take minutes after a restart of the machine."),
	     N_("K3s stops again and again: journalctl -u k3s -n 50 shows why, often too little memory or a full disk."),
	     N_("With your own cluster: the kubeconfig file points to a machine that is switched off or not reachable from here.")),
      REMEDIES(R_RETRY, R_EDIT("cluster.kubeconfig"), R_LOG))
FAULT(KUBE, "E-KUB-002", N_("The cluster refused a request."),
      CAUSES(N_("The cluster is busy or short of memory: try again in a minute."),
	     N_("With your own cluster: the kubeconfig's user may not do this. It needs the rights of cluster-admin."),
	     N_("The text above is the cluster's own reason, and it names the object.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(KUBE_INGRESS, "E-KUB-003", N_("Your cluster has no ingress controller as configured."),
      CAUSES(N_("The ingress class, the namespace or the selector names something that does not exist: kubectl get ingressclasses and kubectl get pods -A show what there is."),
	     N_("The ingress controller is installed but its pods are not ready.")),
      REMEDIES(R_EDIT("cluster.ingress_class"), R_EDIT("cluster.ingress_selector"), R_RETRY))
FAULT(KUBE_ADDRESS, "E-KUB-004", N_("The address for the cluster's inner service is taken or not allowed."),
      CAUSES(N_("Another service of the cluster got this address: choose another free one, or leave the answer empty so that one is chosen."),
	     N_("The address is not in the address range of the cluster's services.")),
      REMEDIES(R_EDIT("cluster.internal_address"), R_RETRY, R_LOG))
FAULT(KUBE_TERMINATING, "E-KUB-005", N_("An earlier removal is not finished: the namespace is still being deleted."),
      CAUSES(N_("Deleting takes a while: wait some minutes and try again."),
	     N_("Something in it cannot be deleted, often a certificate's challenge after cert-manager was removed first: kubectl get namespace ess -o yaml names it under conditions.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(K3S_BINARY, "E-K3S-001", N_("The downloaded K3s is missing or damaged."),
      CAUSES(N_("The download folder was emptied or changed since: run the installation again, it fetches what is missing.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(K3S_START, "E-K3S-002", N_("K3s does not start."),
      CAUSES(N_("The machine is slow or short of memory: the first start takes minutes on a small machine. Try again, it goes on where it stands."),
	     N_("Something in the way K3s is set up stops it: journalctl -u k3s -n 50 shows its last words."),
	     N_("The disk is full: df -h shows it.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(K3S_NODE, "E-K3S-003", N_("The cluster runs, but this machine is not ready in it."),
      CAUSES(N_("It needs a little longer, above all on a small machine: try again in some minutes."),
	     N_("The disk or the memory is nearly full: Kubernetes then refuses work. df -h and free -m show it."),
	     N_("The network of the pods cannot be set up: journalctl -u k3s -n 50 shows why.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(K3S_FIXED, "E-K3S-004", N_("A setting that is fixed at the cluster's first start was changed."),
      CAUSES(N_("The cluster already stores its data by the old value, and changing it would lose that data: put the old value back."),
	     N_("If nothing in the cluster is needed any more, remove it first with: ess-setup cleanup all")),
      REMEDIES(R_EDIT("paths.home"), R_LOG))
FAULT(TRAEFIK_MISSING, "E-K3S-010", N_("K3s brings no Traefik."),
      CAUSES(N_("It was switched off in an earlier installation of K3s: look for disable in /etc/rancher/k3s/config.yaml and in the folder config.yaml.d beside it."),
	     N_("A file named traefik.yaml.skip lies in /var/lib/rancher/k3s/server/manifests: remove it.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(TRAEFIK_CHART, "E-K3S-011", N_("The Traefik of this K3s is of a version that is not supported."),
      CAUSES(N_("This K3s is too old: use K3s v1.33 or newer.")),
      REMEDIES(R_EDIT("supply.k3s_channel"), R_EDIT("supply.k3s_version")))
FAULT(TRAEFIK_JOB, "E-K3S-012", N_("K3s could not install Traefik."),
      CAUSES(N_("The images of Traefik cannot be fetched: name a mirror for docker.io."),
	     N_("Helm's own reason is the last line of: kubectl logs -n kube-system job/helm-install-traefik")),
      REMEDIES(R_RETRY, R_EDIT("mirrors.docker_io"), R_LOG))
FAULT(TRAEFIK_EFFECT, "E-K3S-013", N_("Traefik did not take over the wanted settings."),
      CAUSES(N_("K3s is still at work on it: try again in a minute."),
	     N_("Another HelmChartConfig named traefik exists in /var/lib/rancher/k3s/server/manifests and wins: only one is possible, remove the other file."),
	     N_("A node port is used by another service, so that Traefik's service is refused.")),
      REMEDIES(R_RETRY, R_EDIT("ports.https"), R_LOG))
FAULT(CERT_MANAGER, "E-TLS-001", N_("cert-manager does not become ready."),
      CAUSES(N_("Its container images come from quay.io, which is slow or not reachable from here: try again, or name a mirror."),
	     N_("The machine is short of memory: kubectl get pods -n cert-manager shows which pod waits.")),
      REMEDIES(R_RETRY, R_EDIT("mirrors.quay_io"), R_LOG))
FAULT(CERT_MANAGER_WEBHOOK, "E-TLS-002", N_("cert-manager is installed, but its webhook does not answer."),
      CAUSES(N_("Right after the installation it needs a minute: try again."),
	     N_("A firewall on this machine blocks the traffic between pods: allow the interfaces cni0 and flannel.1.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(ISSUER_ACCOUNT, "E-TLS-003", N_("Let's Encrypt did not accept the registration of an account."),
      CAUSES(N_("Let's Encrypt cannot be reached from the cluster: pods need a way to acme-v02.api.letsencrypt.org on port 443. Set a proxy if the network demands one."),
	     N_("The clock of this machine is wrong, so that its certificate is not believed.")),
      REMEDIES(R_RETRY, R_EDIT("network.proxy"), R_LOG))
FAULT(ISSUER_EMAIL, "E-TLS-004", N_("Let's Encrypt refuses the e-mail address."),
      CAUSES(N_("The address must exist: addresses at example.com and similar are refused. Enter your own.")),
      REMEDIES(R_EDIT("certificates.email")))
FAULT(ISSUER_LIMIT, "E-TLS-005", N_("Let's Encrypt refuses for the moment (rate limit)."),
      CAUSES(N_("Too many new accounts were made from your address within three hours: wait and try again. Nothing is lost."),
	     N_("For trying things out use the staging environment, its limits are far higher.")),
      REMEDIES(R_RETRY, R_EDIT("certificates.environment")))
FAULT(ISSUER_CONFIG, "E-TLS-006", N_("cert-manager refuses the way certificates are to be ordered."),
      CAUSES(N_("This is what cert-manager says above; if a Secret is named there, enter the Cloudflare token again.")),
      REMEDIES(R_EDIT("cloudflare.token"), R_LOG))
FAULT(ISSUER_KEY, "E-TLS-007", N_("The stored key of the Let's Encrypt account cannot be used."),
      CAUSES(N_("It was damaged or belongs to another environment. Delete it and try again, a new account is then made: kubectl delete secret -n cert-manager NAME with the name from above.")),
      REMEDIES(R_RETRY, R_LOG))

/* helm, and the release of ESS */
FAULT(HELM, "E-HLM-001", N_("helm failed."),
      CAUSES(N_("helm's own words stand above, the log has all of them."),
	     N_("The API server of the cluster was too busy to answer: try again, helm goes on where it stopped.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(HELM_VALUES, "E-HLM-002", N_("The chart does not accept the values."),
      CAUSES(N_("A value of one of your extra files (ess.extra_values) is misspelt or of the wrong type: the message names its place in the values."),
	     N_("The chart is of a version that knows other values: use the version this program was tested with, or a newer ess-setup.")),
      REMEDIES(R_EDIT("ess.extra_values"), R_EDIT("supply.chart_version"), R_LOG))
FAULT(HELM_PENDING, "E-HLM-003", N_("An installation that was broken off still holds the release, and it could not be freed."),
      CAUSES(N_("The machine was switched off or helm was killed while it worked, and the record it left is not of the usual form. See it with: helm history ess -n ess"),
	     N_("Another program installs the same release at the same time: wait until it is done.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(HELM_BUSY, "E-HLM-004", N_("Another helm works on the same release."),
      CAUSES(N_("A helm of an earlier run or of another terminal is still waiting for something: let it end, or end it with SIGTERM (kill, never kill -9), then continue.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(HELM_HOOK, "E-HLM-005", N_("A preparation job of the chart failed."),
      CAUSES(N_("The job that is named above refused the configuration: its reason is shown, and stands in: kubectl logs -n ess job/NAME"),
	     N_("The database of an earlier installation is still there, but its passwords are not: restore them from a backup, or remove the old data."),
	     N_("The images of the job could not be fetched: name a mirror for the registry.")),
      REMEDIES(R_RETRY, R_EDIT("ess.extra_values"), R_LOG))
FAULT(HELM_FOREIGN, "E-HLM-006", N_("The cluster already has objects of this name that belong to another installation."),
      CAUSES(N_("An earlier installation by hand or under another release name was not removed: remove it first. The object is named above.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(HELM_TIMEOUT, "E-HLM-007", N_("helm waited in vain."),
      CAUSES(N_("Images are still being fetched over a slow line: try again, what is fetched stays."),
	     N_("What it waited for cannot start: the object is named above.")),
      REMEDIES(R_RETRY, R_EDIT("mirrors.docker_io"), R_LOG))
FAULT(HELM_IMMUTABLE, "E-HLM-008", N_("Something was changed that Kubernetes lets nobody change afterwards."),
      CAUSES(N_("The size or the class of a storage, or the server name, was changed after the first installation: change it back."),
	     N_("To really change it, make a backup, remove ESS and install it anew.")),
      REMEDIES(R_EDIT("storage.class"), R_EDIT("storage.postgres_size"), R_LOG))
FAULT(HELM_NODEPORT, "E-HLM-009", N_("A port for calls is taken in the cluster, or outside the range that the cluster allows."),
      CAUSES(N_("Another service got a port of your UDP range by chance: choose another range, or the single port."),
	     N_("The range lies outside 30000-32767 and the cluster was not told so: choose a range inside.")),
      REMEDIES(R_EDIT("ports.udp_range"), R_EDIT("ports.rtc_mode"), R_RETRY))
FAULT(HELM_POST_RENDER, "E-HLM-010", N_("The chart's output could not be fitted to your ports."),
      CAUSES(N_("The chart is of a version that this program does not know: use the version it was tested with, or a newer ess-setup."),
	     N_("The installation of ess-setup is incomplete: install it again.")),
      REMEDIES(R_EDIT("supply.chart_version"), R_RETRY, R_LOG))
FAULT(ESS_IMAGE, "E-ESS-001", N_("A container image cannot be fetched."),
      CAUSES(N_("The registry named above is not reachable from here: name a mirror for it, or set a proxy."),
	     N_("The registry limits anonymous downloads: wait an hour, then continue."),
	     N_("The line is slow: try again, what is fetched stays.")),
      REMEDIES(R_RETRY, R_EDIT("mirrors.docker_io"), R_EDIT("network.proxy")))
FAULT(ESS_CRASH, "E-ESS-002", N_("A part of the server starts and ends again and again."),
      CAUSES(N_("Its last words are shown above; all of them: kubectl logs -n ess POD --previous"),
	     N_("The database holds data of an earlier installation with other passwords: restore them, or remove the old data."),
	     N_("An extra value (ess.extra_values) is not understood by this part.")),
      REMEDIES(R_LOG, R_EDIT("ess.extra_values"), R_RETRY))
FAULT(ESS_NO_ROOM, "E-ESS-003", N_("The machine has no room for a part of the server."),
      CAUSES(N_("Memory or processors are used up by something else: end it, or give the machine more (2 processors and 2 GiB must be free, 4 GiB are better)."),
	     N_("The disk is nearly full, so that the cluster takes no more pods: free some space.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(ESS_VOLUME, "E-ESS-004", N_("The storage of a part of the server cannot be provided."),
      CAUSES(N_("The storage class does not exist in this cluster: kubectl get storageclass shows those that do."),
	     N_("The folder for the data is not writable or its disk is full.")),
      REMEDIES(R_EDIT("storage.class"), R_RETRY, R_LOG))
FAULT(ESS_SFU_ADDRESS, "E-ESS-005", N_("The call server cannot find out the public address."),
      CAUSES(N_("It asks STUN servers, and none of them is reachable from here; it then ends without a word. Let the address follow your DNS record instead (network.public_address_mode: follow), or name other servers.")),
      REMEDIES(R_EDIT("network.public_address_mode"), R_EDIT("network.stun_servers"), R_RETRY))
FAULT(ESS_MEMORY, "E-ESS-006", N_("A part of the server was ended because it used too much memory."),
      CAUSES(N_("The machine is too small for what it runs: give it more memory, or end other programs.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(ESS_NOT_READY, "E-ESS-007", N_("A part of the server does not become ready."),
      CAUSES(N_("The machine or the line is slow: try again, everything done so far stays."),
	     N_("It waits for another part, mostly the database: the log shows which.")),
      REMEDIES(R_RETRY, R_LOG))

/* certificates: what cert-manager and Let's Encrypt say */
FAULT(CERT_NOT_READY, "E-TLS-020", N_("A certificate was not issued."),
      CAUSES(N_("What cert-manager says stands above. More: kubectl describe certificate,order,challenge -n ess"),
	     N_("It is only slow: try again in some minutes.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(CERT_PROPAGATION, "E-TLS-021", N_("The DNS record that proves the domain to be yours does not become visible."),
      CAUSES(N_("The network or the router answers DNS questions by itself, so that the cluster never sees the record: set other servers in network.resolvers."),
	     N_("The domain is no longer served by Cloudflare: compare the name servers at your registrar with those that Cloudflare shows."),
	     N_("An old CNAME record _acme-challenge stands in the way: remove it at Cloudflare.")),
      REMEDIES(R_RETRY, R_EDIT("network.resolvers"), R_LOG))
FAULT(CERT_DNS_ZONE, "E-TLS-022", N_("The cluster cannot find out which name servers serve your domain."),
      CAUSES(N_("A router or a DNS filter suppresses SOA questions (dnsmasq: filterwin2k): switch that off, or set other servers in network.resolvers."),
	     N_("The domain is not registered or not delegated: see what its registrar says.")),
      REMEDIES(R_EDIT("network.resolvers"), R_RETRY, R_LOG))
FAULT(CERT_DNS_SERVER, "E-TLS-023", N_("A name server of your domain answers with an error."),
      CAUSES(N_("DNSSEC is switched on at the registrar but not at Cloudflare, or with an old key: compare the DS record."),
	     N_("A resolver in between refuses the question: set other servers in network.resolvers.")),
      REMEDIES(R_RETRY, R_EDIT("network.resolvers"), R_LOG))
FAULT(CERT_DNS_BLOCKED, "E-TLS-024", N_("Programs in the cluster cannot ask DNS."),
      CAUSES(N_("The provider or the router blocks questions to foreign name servers (port 53): set servers that answer in network.resolvers."),
	     N_("A firewall on this machine drops what the pods send: allow forwarding for the pod network.")),
      REMEDIES(R_EDIT("network.resolvers"), R_RETRY, R_LOG))
FAULT(CERT_SECRET, "E-TLS-025", N_("cert-manager does not find the Cloudflare token."),
      CAUSES(N_("The Secret in the namespace cert-manager was removed or changed: continue the installation, it is written anew.")),
      REMEDIES(R_RETRY, R_EDIT("cloudflare.token"), R_LOG))
FAULT(CERT_LIMIT_SET, "E-TLS-026", N_("Let's Encrypt has issued too many certificates for exactly this name in the last seven days."),
      CAUSES(N_("The server was installed anew several times: only five certificates a week are issued for the same name. Wait until the time shown, or put the kept certificates back."),
	     N_("For trying things out use the staging environment, its limits are far higher.")),
      REMEDIES(R_EDIT("certificates.environment"), R_RETRY))
FAULT(CERT_LIMIT_DOMAIN, "E-TLS-027", N_("Let's Encrypt has issued too many certificates for your domain in the last seven days."),
      CAUSES(N_("50 a week are issued for a registered domain and all names below it, whoever asks: wait until the time shown."),
	     N_("With a free dynamic-DNS name you share this limit with strangers: use a domain of your own.")),
      REMEDIES(R_RETRY, R_EDIT("certificates.environment")))
FAULT(CERT_LIMIT_FAILED, "E-TLS-028", N_("Too many attempts for this name failed, Let's Encrypt wants a pause."),
      CAUSES(N_("Five attempts may fail in an hour. Mend the cause of the failure first, wait an hour, then continue.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(CERT_LIMIT, "E-TLS-029", N_("Let's Encrypt refuses for the moment (rate limit)."),
      CAUSES(N_("Its words and the time from which it accepts again stand above: wait until then.")),
      REMEDIES(R_RETRY, R_EDIT("certificates.environment")))
FAULT(CERT_CAA, "E-TLS-030", N_("A CAA record of your domain does not allow Let's Encrypt."),
      CAUSES(N_("Add the record CAA 0 issue \"letsencrypt.org\" at Cloudflare, or remove the other CAA records.")),
      REMEDIES(R_RETRY))
FAULT(CERT_TXT_WRONG, "E-TLS-031", N_("Let's Encrypt looked for the proof in DNS and found something else."),
      CAUSES(N_("The domain is served by other name servers than Cloudflare's: compare those at your registrar."),
	     N_("A CNAME record *.your-domain or _acme-challenge catches the question: remove it."),
	     N_("Another program changes the same records: stop it.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(CERT_ACME_DNS, "E-TLS-032", N_("Let's Encrypt could not look up your domain in DNS."),
      CAUSES(N_("The name does not exist for the world, or its name servers do not answer: compare those at your registrar with Cloudflare's."),
	     N_("DNSSEC is broken: compare the DS record at the registrar with what Cloudflare shows.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(CERT_REJECTED, "E-TLS-033", N_("Let's Encrypt issues no certificate for this name."),
      CAUSES(N_("The name is reserved, blocked or not a public domain: use a domain of your own.")),
      REMEDIES(R_EDIT("domains.server_name")))
FAULT(CERT_ACME_DOWN, "E-TLS-034", N_("Let's Encrypt does not work for the moment."),
      CAUSES(N_("See letsencrypt.status.io, and try again later. Nothing is lost.")),
      REMEDIES(R_RETRY))
FAULT(CERT_ACME_UNREACHABLE, "E-TLS-035", N_("The cluster cannot reach Let's Encrypt."),
      CAUSES(N_("The line is down, or a firewall blocks outgoing connections to port 443."),
	     N_("Names cannot be looked up inside the cluster: look at the pod coredns in kube-system."),
	     N_("A proxy is needed: set it on the advanced page.")),
      REMEDIES(R_RETRY, R_EDIT("network.proxy"), R_LOG))
FAULT(CERT_CF_UNREACHABLE, "E-TLS-036", N_("The cluster cannot reach Cloudflare's API."),
      CAUSES(N_("The line is down, or a firewall blocks outgoing connections to port 443."),
	     N_("Names cannot be looked up inside the cluster: look at the pod coredns in kube-system."),
	     N_("A proxy is needed: set it on the advanced page.")),
      REMEDIES(R_RETRY, R_EDIT("network.proxy"), R_LOG))
FAULT(CERT_ACCOUNT, "E-TLS-037", N_("Let's Encrypt does not accept the account."),
      CAUSES(N_("The account was made in the other environment or was deactivated: continue the installation, a new one is made."),
	     N_("Its terms of service changed and must be accepted anew.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(CERT_CLOCK, "E-TLS-038", N_("The cluster does not believe a server's certificate."),
      CAUSES(N_("The clock of this machine is wrong: compare the date command with a watch."),
	     N_("A proxy or a firewall opens the connections of the cluster on their way.")),
      REMEDIES(R_RETRY, R_EDIT("network.proxy"), R_LOG))

/* users */
FAULT(USER_FAILED, "E-USR-001", N_("The administrator's account could not be made."),
      CAUSES(N_("The authentication service or the database is not ready yet: try again in a minute."),
	     N_("Its own words stand above, the log has all of them.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(USER_PASSWORD_WEAK, "E-USR-002", N_("The administrator's password is too weak."),
      CAUSES(N_("Choose a longer one, or leave it empty: then a strong one is made for you.")),
      REMEDIES(R_EDIT("admin.password")))
FAULT(USER_TAKEN, "E-USR-003", N_("The administrator's name is taken on the homeserver."),
      CAUSES(N_("An account of this name exists in the homeserver but not in the authentication service, such as one of an earlier installation or of a bridge: choose another name.")),
      REMEDIES(R_EDIT("admin.username"), R_LOG))
FAULT(USER_NAME, "E-USR-004", N_("The administrator's name is not allowed."),
      CAUSES(N_("A name has small letters, digits and . _ = - / only.")),
      REMEDIES(R_EDIT("admin.username")))

/* verify */
FAULT(VERIFY_UNREACHABLE, "E-VER-001", N_("A web address of the server does not answer, not even from this machine."),
      CAUSES(N_("Traefik is not ready yet: try again in a minute."),
	     N_("Another program on this machine took the port: ss -ltnp shows which."),
	     N_("A firewall on this machine blocks the port, see the router's table for the list.")),
      REMEDIES(R_RETRY, R_EDIT("ports.https"), R_LOG))
FAULT(VERIFY_TLS, "E-VER-002", N_("A web address of the server shows a certificate that is not trusted."),
      CAUSES(N_("The certificates are of the staging environment, which no browser trusts: switch to production when everything else works."),
	     N_("The certificate is not issued yet: try again in some minutes."),
	     N_("Traefik shows its own stand-in certificate, because the host name has no certificate.")),
      REMEDIES(R_EDIT("certificates.environment"), R_RETRY, R_LOG))
FAULT(VERIFY_SYNAPSE, "E-VER-003", N_("The homeserver does not answer as it must."),
      CAUSES(N_("Synapse is still starting or updating its database: try again in some minutes."),
	     N_("Another server answers at this name: compare the DNS record and the port.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(VERIFY_LOGIN, "E-VER-004", N_("Logins are not handled by the authentication service."),
      CAUSES(N_("The routes of the homeserver's name were changed, or another Ingress catches them: kubectl get ingress -A")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(VERIFY_AUTH, "E-VER-005", N_("The authentication service does not answer as it must."),
      CAUSES(N_("It is still starting: try again in a minute."),
	     N_("Another server answers at this name: compare the DNS record and the port.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(VERIFY_RTC, "E-VER-006", N_("The service for calls does not answer as it must."),
      CAUSES(N_("It is still starting: try again in a minute."),
	     N_("Another server answers at this name: compare the DNS record and the port.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(VERIFY_PORT, "E-VER-007", N_("An address inside an answer of the server is wrong, so clients would be sent astray."),
      CAUSES(N_("A part of the server still runs with its old configuration: try again, or restart it."),
	     N_("Someone changed the configuration inside the cluster by hand: continue the installation, it is put right.")),
      REMEDIES(R_RETRY, R_COMMAND("restart"), R_LOG))
FAULT(VERIFY_WELL_KNOWN, "E-VER-008", N_("The server does not say where its services are (.well-known)."),
      CAUSES(N_("HAProxy is still starting: try again in a minute."),
	     N_("Another Ingress or server answers for your domain.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(VERIFY_WEB, "E-VER-009", N_("Element Web does not answer as it must."),
      CAUSES(N_("It is still starting: try again in a minute."),
	     N_("Another server answers at this name: compare the DNS record and the port.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(VERIFY_ADMIN, "E-VER-010", N_("Element Admin does not answer as it must."),
      CAUSES(N_("It is still starting: try again in a minute."),
	     N_("Another server answers at this name: compare the DNS record and the port.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(VERIFY_SLASH, "E-VER-011", N_("Traefik refuses addresses with encoded characters, so rooms cannot be opened."),
      CAUSES(N_("The settings encodedCharacters are missing at an entry point of Traefik: continue the installation, they are written anew."),
	     N_("With your own ingress controller: allow encoded slashes and hashes there.")),
      REMEDIES(R_RETRY, R_LOG))
FAULT(VERIFY_FEDERATION, "E-VER-012", N_("Other servers would not find this one as they must."),
      CAUSES(N_("The route for the federation port is missing: continue the installation, it is written anew."),
	     N_("Another program took the port: ss -ltnp shows which.")),
      REMEDIES(R_RETRY, R_EDIT("ports.federation"), R_LOG))
