/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Faults of sources, images and bundles: the part of fault-table.h that includes it. */

/* --- sources --- */
FAULT(SRC_NONE, "E-SRC-001", N_("For one kind of download there is no source that works."),
      CAUSES(N_("The network blocks this source (common in China): name a mirror that has what is asked for, or a proxy. Public mirrors often carry a part only."),
	     N_("On a machine with a free line make a bundle with: ess-setup bundle-make FILE, carry it here, and use it with: ess-setup bundle-use FILE"),
	     N_("The server is down for the moment: try again later.")),
      REMEDIES(R_RETRY, R_EDIT("network.proxy"), R_COMMAND("bundle-use FILE")))
FAULT(SRC_DIGEST, "E-SRC-002", N_("The checksum of a download cannot be had from anybody but the mirror."),
      CAUSES(N_("A mirror is trusted with nothing: its files are checked against checksums from elsewhere. Take the version that this program was tested with (leave the version empty), whose checksums are built in."),
	     N_("Or enter the checksum that the publisher shows for this file, as supply.digests says."),
	     N_("Or use a bundle: it brings files and checksums along.")),
      REMEDIES(R_EDIT("supply.digests"), R_COMMAND("bundle-use FILE"), R_RETRY))
FAULT(SRC_COMPAT, "E-SRC-003", N_("The chosen versions do not fit each other."),
      CAUSES(N_("Helm and cert-manager each support some versions of Kubernetes only, and K3s carries its version. Choose another version of one of them, or leave the versions empty, then a fitting set is taken. ess-setup plan shows the table.")),
      REMEDIES(R_EDIT("supply.k3s_version"), R_EDIT("supply.helm_version"), R_EDIT("supply.cert_manager_version")))
FAULT(IMG_MISSING, "E-IMG-001", N_("A container image does not exist where it was looked for."),
      CAUSES(N_("The mirror carries only some images: name another one, or a proxy."),
	     N_("A registry of your own was named for this part, but does not have its image yet.")),
      REMEDIES(R_RETRY, R_EDIT("images.registries"), R_EDIT("network.proxy")))
FAULT(IMG_ARCH, "E-IMG-002", N_("A container image does not exist for this kind of processor."),
      CAUSES(N_("The publisher makes it for other machines only. Take another version of ESS, or a machine with an x86-64 processor.")),
      REMEDIES(R_EDIT("supply.chart_version"), R_LOG))
FAULT(IMG_IMPORT, "E-IMG-003", N_("An image of the bundle could not be given to the cluster."),
      CAUSES(N_("The disk is full or slow: df -h shows the first. Then continue; what is there is not done again."),
	     N_("K3s has just restarted: continue in a minute.")),
      REMEDIES(R_RETRY, R_LOG))

/* --- bundles --- */
FAULT(BUN_FILE, "E-BUN-001", N_("This file is no bundle."),
      CAUSES(N_("The name is misspelt, or it is another file. A bundle is made with: ess-setup bundle-make FILE"),
	     N_("It was changed on its way, for example by a program that unpacks or converts downloads: copy it again.")),
      REMEDIES(R_COMMAND("bundle-use FILE")))
FAULT(BUN_CUT, "E-BUN-002", N_("The bundle ends in the middle."),
      CAUSES(N_("It was not copied to its end: copy it again and compare the sizes. A stick with the file system FAT holds no file over 4 GB.")),
      REMEDIES(R_COMMAND("bundle-use FILE")))
FAULT(BUN_FORMAT, "E-BUN-003", N_("The bundle was made by a newer ess-setup."),
      CAUSES(N_("Install the same version of ess-setup here, or make the bundle with this one.")),
      REMEDIES(R_COMMAND("bundle-use FILE")))
FAULT(BUN_MANIFEST, "E-BUN-004", N_("The bundle's list of contents is damaged."),
      CAUSES(N_("The file was changed or damaged on its way: copy it again, or make it anew.")),
      REMEDIES(R_COMMAND("bundle-use FILE")))
FAULT(BUN_ARCH, "E-BUN-005", N_("The bundle is for another kind of processor."),
      CAUSES(N_("Make it for this machine with: ess-setup bundle-make --arch ARCH FILE, where ARCH is amd64 for PCs and arm64 for a Raspberry Pi and the like.")),
      REMEDIES(R_COMMAND("bundle-use FILE")))
FAULT(BUN_HASH, "E-BUN-006", N_("A part of the bundle is not what its checksum says."),
      CAUSES(N_("It was damaged on its way: copy the file again."),
	     N_("Somebody changed it: take it only from where you made it yourself.")),
      REMEDIES(R_COMMAND("bundle-use FILE")))
FAULT(BUN_MEMBER, "E-BUN-007", N_("The bundle holds something that no bundle holds."),
      CAUSES(N_("A bundle has plain files in a known order. This one was made or changed by another program: do not use it, make it anew.")),
      REMEDIES(R_COMMAND("bundle-use FILE")))
FAULT(BUN_SIZE, "E-BUN-008", N_("A part of the bundle has not the size that it must have."),
      CAUSES(N_("The file was changed or damaged on its way: copy it again, or make it anew.")),
      REMEDIES(R_COMMAND("bundle-use FILE")))
FAULT(BUN_MISSING, "E-BUN-009", N_("The bundle lacks something that is needed."),
      CAUSES(N_("It was made for other answers than yours, for example without a part that you switched on: make it anew with your configuration: ess-setup bundle-make --config FILE BUNDLE"),
	     N_("Its version of a part is another than the one you ask for: leave the versions empty, then those of the bundle are taken."),
	     N_("Files of it were removed from the cache: use the bundle again."),
	     N_("To fetch from the network instead: ess-setup bundle-use --forget")),
      REMEDIES(R_COMMAND("bundle-use FILE"), R_COMMAND("bundle-use --forget"), R_RETRY))
FAULT(APT_CUT_OFF, "E-APT-005", N_("Debian packages are missing, and no package server can be reached."),
      CAUSES(N_("On another Debian of the same version and processor run: apt-get download PACKAGES, carry the .deb files here and install them with: dpkg -i *.deb, then continue. The names stand above."),
	     N_("Or name a package server that can be reached in /etc/apt/sources.list, or add the installation medium with apt-cdrom.")),
      REMEDIES(R_RETRY, R_LOG))
