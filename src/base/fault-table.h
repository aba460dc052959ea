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
FAULT(HTTP_PAGE, "E-NET-009", N_("Something on the line answered in the server's place: a web page came instead of the file."),
      CAUSES(N_("The network wants a log-in first (hotel, campus, guest network): open any page in a browser there, log in, then continue."),
	     N_("The mirror or the proxy shows its own page, because it is out of order or does not carry the file: name another one, or none."),
	     N_("The provider or a firewall blocks the server and says so with a page: set a mirror or a proxy on the advanced page.")),
      REMEDIES(R_RETRY, R_EDIT("network.proxy"), R_EDIT("mirrors.github")))
FAULT(HTTP_PROXY, "E-NET-010", N_("The proxy does not let the program through."),
      CAUSES(N_("It wants a user and a password (status 407), which this program does not keep: let the proxy admit this machine by its address, or name another proxy."),
	     N_("It is switched off, or its address or port is wrong: correct network.proxy, or remove it where none is needed."),
	     N_("Its rules do not allow this server (status 403): have it allowed, or name it in network.no_proxy.")),
      REMEDIES(R_RETRY, R_EDIT("network.proxy"), R_EDIT("network.no_proxy")))
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

#include "base/fault-table-cluster.h"
#include "base/fault-table-supply.h"
