# Option sets that must be refused. `refused`: parts of the messages of the assertions that must fail. Every set gets
# `enable = true`.
{ lib }:
let
  inherit (import ./site.nix { inherit lib; }) elsewhere spread;
in
{
  every-role-off = {
    module = spread [ ];
    refused = [ "every role is off" ];
  };
  unknown-database-host = {
    module = spread [ "web" ] // {
      hosts = elsewhere // {
        databases = "127.0.0.1";
      };
    };
    refused = [ "Set services.omero-platform.hosts.databases to the address" ];
  };
  generated-secrets-on-several-machines = {
    module = lib.recursiveUpdate (spread [ "web" ]) { secrets.generate = true; };
    refused = [ "Set services.omero-platform.secrets.generate = false" ];
  };
  several-machines-without-peers = {
    module = lib.recursiveUpdate (spread [ "web" ]) { firewall.peers = [ ]; };
    refused = [ "List their addresses in services.omero-platform.firewall.peers" ];
  };
  proxy-without-certificate = {
    module.proxy.enable = true;
    refused = [ "exactly one source of certificates" ];
  };
  proxy-with-two-certificates = {
    module.proxy = {
      enable = true;
      acme.enable = true;
      certificate = "/var/lib/omero.pem";
      certificateKey = "/run/secrets/omero.key";
    };
    refused = [ "exactly one source of certificates" ];
  };
  certificate-without-key = {
    module.proxy = {
      enable = true;
      certificate = "/var/lib/omero.pem";
    };
    refused = [ "belong together" ];
  };
  proxy-where-no-web-is = {
    module = spread [ "databases" ] // {
      proxy = {
        enable = true;
        acme.enable = true;
      };
    };
    refused = [ "Enable it on the machine with roles.web.enable" ];
  };
  backup-where-no-database-is = {
    module = spread [ "web" ] // {
      backup.enable = true;
    };
    refused = [ "Enable it on the machine with roles.databases.enable" ];
  };
  quota-of-the-embedded-omero = {
    module = {
      backend = "embedded";
      quota.enable = true;
    };
    refused = [ "needs the folders that OMERO.server makes per group" ];
  };
  quota-where-no-pixels-are = {
    module = spread [ "web" ] // {
      quota.enable = true;
    };
    refused = [ "Enable it on the machine with roles.server.enable" ];
  };
  quota-where-nobody-could-set-limits = {
    module = spread [ "server" ] // {
      quota.enable = true;
    };
    refused = [ "it asks over a socket of this machine" ];
  };
  secret-in-the-store = {
    module.secrets.files.root = "${builtins.storeDir}/0123-root-password";
    refused = [ "lies in the Nix store" ];
  };
}
