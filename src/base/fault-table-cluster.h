/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The table of faults, second half (see fault-table.h): the steps from the cluster to the end. */

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
FAULT(K3S_DNS, "E-K3S-005", N_("Names cannot be looked up inside the cluster: its name service (CoreDNS) does not run."),
      CAUSES(N_("Its last words are shown above. When they tell of a loop, it asks itself: network.resolvers must name servers outside of this machine, never 127.0.0.53 or ::1."),
	     N_("Its image is still being fetched over a slow line: try again, what is fetched stays."),
	     N_("The machine is short of memory: free -m shows it.")),
      REMEDIES(R_RETRY, R_EDIT("network.resolvers"), R_LOG))
FAULT(K3S_SCRIPT, "E-K3S-006", N_("The script that sets up K3s failed."),
      CAUSES(N_("Its last words are shown above, the log has all of them."),
	     N_("Something on this machine forbids changes below /etc/systemd or /usr/local/bin: a read-only disk, or another program that guards them.")),
      REMEDIES(R_RETRY, R_LOG))
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
      CAUSES(N_("It was damaged or belongs to another environment, and neither the kept one nor a new one helped. Forget the kept one with: ess-setup kept delete --all. Then try again.")),
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
FAULT(EXTRA_VALUES, "E-HLM-011", N_("One of your own values files changes what must stay as it is."),
      CAUSES(N_("It sets a name, a port or an address that your answers decide, or an address of yours without the public port: take that key out of the file, or change the answer."),
	     N_("The file was moved, cannot be read as YAML, or was edited while the installation ran: correct it and continue.")),
      REMEDIES(R_EDIT("ess.extra_values"), R_RETRY, R_LOG))
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
FAULT(ESS_NODEPORT, "E-ESS-008", N_("Another service of the cluster holds a port that calls need."),
      CAUSES(N_("Kubernetes gave it that port by chance: choose another range, or let all calls use the single port (ports.rtc_mode: muxed)."),
	     N_("The service is of no use any more: remove it, then continue. kubectl get services -A shows all of them with their ports.")),
      REMEDIES(R_EDIT("ports.udp_range"), R_EDIT("ports.rtc_tcp"), R_RETRY))
FAULT(ESS_OLD_DATA, "E-ESS-009", N_("The database of an earlier installation is still there, but its passwords are not."),
      CAUSES(N_("If that data is needed, put the passwords (the Secret ess-generated) back from a backup, then continue."),
	     N_("If it is not needed, remove it: kubectl delete pvc -n ess ess-postgres-data ess-synapse-media. All rooms, accounts and files of the earlier installation are gone then.")),
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
      CAUSES(N_("The server was installed anew several times: only five certificates a week are issued for the same name. Wait until the time shown. Kept certificates are put back by themselves where they fit: ess-setup kept list."),
	     N_("For trying things out use the staging environment, its limits are far higher.")),
      REMEDIES(R_COMMAND("config set certificates.environment staging"), R_RETRY))
FAULT(CERT_LIMIT_DOMAIN, "E-TLS-027", N_("Let's Encrypt has issued too many certificates for your domain in the last seven days."),
      CAUSES(N_("50 a week are issued for a registered domain and all names below it, whoever asks: wait until the time shown."),
	     N_("With a free dynamic-DNS name you share this limit with strangers: use a domain of your own.")),
      REMEDIES(R_RETRY, R_COMMAND("config set certificates.environment staging")))
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
      CAUSES(N_("The account was deactivated: forget its key with ess-setup kept delete --all and remove it from the cluster with kubectl delete secret -n cert-manager letsencrypt-prod-account-key, then continue. A new one is made."),
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

FAULT(USER_INVITE, "E-USR-005", N_("An invitation could not be made."),
      CAUSES(N_("The installation is not finished: continue it first."),
	     N_("The authentication service is starting or busy: try again in a minute."),
	     N_("Registration is closed by your answers: choose invite, and continue the installation.")),
      REMEDIES(R_RETRY, R_EDIT("registration.mode")))

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
FAULT(VERIFY_OBJECTS, "E-VER-013", N_("An object in the cluster no longer fits your names and the public port."),
      CAUSES(N_("Someone edited it by hand (kubectl edit, a dashboard): continue the installation, what helm made is put right."),
	     N_("Another program, such as Argo CD or Flux, writes the same objects: take the namespace ess away from it."),
	     N_("Somebody added an entry to it, which helm does not take away: remove it with kubectl edit. The object and the place are named above.")),
      REMEDIES(R_RETRY, R_LOG))
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
