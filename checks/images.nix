# Images without running them: their JSON, and the archive that a registry would get, twice.
{
  lib,
  pkgs,
  platform,
}:
let
  expected = import ../nix/images/config.nix { };
  ours = lib.concatStringsSep "|" (lib.attrNames (import ../nix/python/ours.nix));
  images = lib.filterAttrs (_: lib.isDerivation) platform.images;

  inspect =
    name: image:
    let
      wanted = expected.${lib.removeSuffix "-image" name};
    in
    pkgs.runCommand "inspect-${name}"
      {
        nativeBuildInputs = [
          pkgs.jq
          image.copyTo
        ];
      }
      ''
        copy-to dir:$PWD/first
        copy-to dir:$PWD/second
        diff first/manifest.json second/manifest.json

        config=first/$(jq -r '.config.digest | ltrimstr("sha256:")' first/manifest.json)
        test "$(jq -r .config.User "$config")" = "${wanted.user}"
        test "$(jq -cS '.config.ExposedPorts // {}' "$config")" = '${builtins.toJSON wanted.exposedPorts}'
        test "$(jq -r .created "$config")" = "0001-01-01T00:00:00Z"
        test "$(jq -cS .config.Healthcheck "$config")" = '${builtins.toJSON wanted.healthcheck}'

        # What changes often is small and alone, so that an update fetches little; a container has at most 127 layers.
        jq --exit-status '.layers | length < 127 and .[-1].size < 20000000' ${image}
        jq --exit-status '.layers | map(select(.paths // [] | any(.path | test("-python[^-]*-(${ours})-"))))
          | length >= ${if wanted.healthcheck == null then "0" else "2"}
            and all((.paths | length) == 1 and .size < 20000000)' ${image}
        touch $out
      '';
in
lib.mapAttrs' (name: image: lib.nameValuePair "image-${name}" (inspect name image)) images
