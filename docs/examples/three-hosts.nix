# Three machines: data (databases and OMERO.server), web (OMERO.web and the worker), and one that watches them.
let
  addresses = {
    data = "10.0.0.10";
    web = "10.0.0.11";
    watch = "10.0.0.12";
  };

  # What all three have in common: where everything is, who may talk to whom, the same secrets (sops-nix, agenix).
  host = roles: own: {
    imports = [ { services.omero-platform = own; } ];
    services.omero-platform = {
      enable = true;
      hosts = {
        databases = addresses.data;
        server = addresses.data;
        inherit (addresses) web;
        worker = addresses.web;
        monitoring = addresses.watch;
      };
      roles = builtins.mapAttrs (_: enable: { inherit enable; }) (
        {
          databases = false;
          server = false;
          web = false;
          worker = false;
          monitoring = false;
        }
        // roles
      );
      firewall = {
        open = true;
        peers = builtins.attrValues addresses;
      };
      secrets = {
        generate = false;
        directory = "/run/secrets/omero";
      };
    };
  };
in
{
  data =
    host
      {
        databases = true;
        server = true;
      }
      {
        backup.enable = true;
      };

  web =
    host
      {
        web = true;
        worker = true;
      }
      {
        proxy = {
          enable = true;
          domain = "omero.example.org";
          certificate = "/var/lib/certificates/omero.pem";
          certificateKey = "/run/secrets/omero-certificate.key";
        };
      };

  watch = host { monitoring = true; } { firewall.openMonitoring = true; };
}
