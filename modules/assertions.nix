# Combinations that cannot work, each with what to set instead.
{
  config,
  lib,
  ...
}@args:
let
  inherit (import ./platform.nix args) cfg roles isSpread;
  on = role: cfg.roles.${role}.enable;
  isLoopback =
    host:
    lib.elem host [
      "127.0.0.1"
      "::1"
      "localhost"
    ];

  # A role that talks to one elsewhere has to know where.
  missingHosts = lib.concatMap (
    role:
    map (needed: { inherit role needed; }) (
      lib.filter (needed: on role && !(on needed) && isLoopback cfg.hosts.${needed}) roles.needs.${role}
    )
  ) roles.names;

  needsOnce = lib.unique (map (missing: missing.needed) missingHosts);
  prefix = "services.omero-platform";
in
{
  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = lib.any on roles.names;
        message = "${prefix}: every role is off. Leave at least one ${prefix}.roles.<role>.enable on, or set ${prefix}.enable = false.";
      }
      {
        assertion = !(isSpread && cfg.secrets.generate);
        message = ''
          ${prefix}.secrets.generate makes secrets that only this machine knows, but not all roles run here.
          Set ${prefix}.secrets.generate = false and give the same files on every machine in ${prefix}.secrets.files
          (with sops-nix, agenix or by hand).
        '';
      }
      {
        assertion = !(isSpread && cfg.firewall.peers == [ ]);
        message = ''
          The roles are spread over several machines, but none of them may talk to this one.
          List their addresses in ${prefix}.firewall.peers.
        '';
      }
      {
        assertion = cfg.proxy.enable -> on "web";
        message = "${prefix}.proxy.enable is on where OMERO.web does not run. Enable it on the machine with roles.web.enable.";
      }
      {
        assertion = cfg.backup.enable -> on "databases";
        message = "${prefix}.backup.enable is on, but the databases are not here. Enable it on the machine with roles.databases.enable.";
      }
      {
        assertion = cfg.quota.enable -> on "server";
        message = "${prefix}.quota.enable is on where no pixels are kept. Enable it on the machine with roles.server.enable.";
      }
      {
        assertion = cfg.quota.enable -> on "web";
        message = ''
          ${prefix}.quota.enable is on where no OMERO.web could set limits: it asks over a socket of this machine.
          Set ${prefix}.roles.web.enable = true here as well, or ${prefix}.quota.enable = false.
        '';
      }
      {
        assertion = cfg.quota.enable -> cfg.backend == "omero";
        message = ''
          ${prefix}.quota.enable needs the folders that OMERO.server makes per group; the embedded OMERO has none.
          Set ${prefix}.backend = "omero", or ${prefix}.quota.enable = false.
        '';
      }
      {
        assertion = on "server" && cfg.backend == "omero" -> cfg.packages ? omeroServer;
        message = ''
          ${prefix}.backend = "omero" needs the package omeroServer, which ${prefix}.packages does not have.
          Import the flake's nixosModules.default, or set ${prefix}.backend = "embedded".
        '';
      }
      {
        assertion = cfg.proxy.enable -> (cfg.proxy.acme.enable != (cfg.proxy.certificate != null));
        message = ''
          ${prefix}.proxy needs exactly one source of certificates:
          set either ${prefix}.proxy.acme.enable = true, or ${prefix}.proxy.certificate and proxy.certificateKey.
        '';
      }
      {
        assertion = (cfg.proxy.certificate == null) == (cfg.proxy.certificateKey == null);
        message = "${prefix}.proxy.certificate and ${prefix}.proxy.certificateKey belong together; one of them is not set.";
      }
    ]
    ++ map (needed: {
      assertion = false;
      message = ''
        This machine does not run the role ${needed}, but something on it needs it, and
        ${prefix}.hosts.${needed} is ${cfg.hosts.${needed}}, which is this machine.
        Set ${prefix}.hosts.${needed} to the address of the machine that runs it, or ${prefix}.roles.${needed}.enable = true.
      '';
    }) needsOnce;

    warnings =
      lib.optional (cfg.backend == "embedded" && cfg.proxy.enable)
        "${prefix}: the embedded OMERO is for trying out and developing; production data belong on OMERO.server (backend = \"omero\")."
      ++
        lib.optional (cfg.firewall.open && !cfg.proxy.enable && on "web")
          "${prefix}: OMERO.web is reachable without encryption. Set ${prefix}.proxy.enable = true, or put a proxy with TLS before it.";
  };
}
