# The compose file with what belongs beside it: written by the same command that people without Nix use, so the text is
# the same. Secrets are not made here; they would be in the store.
{
  runCommand,
  platformEnv,
  stackSource,
}:
runCommand "omero-platform-compose"
  {
    env = {
      OMERO_PLATFORM_ROOT = "${stackSource}";
      HOME = "/build";
    };
    meta.description = "compose.yaml, installation_paths.env, env/*.env and monitoring/ for podman or docker compose";
  }
  ''
    ${platformEnv}/bin/omero-platform compose --no-secrets --output $out
    test -s $out/compose.yaml
  ''
