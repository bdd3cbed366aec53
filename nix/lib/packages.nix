# The locked Python packages as Nix builds them: version and hash from the lock, the name of the file and what the
# package needs from the index. An index that does not belong to the lock stops the evaluation and says what to run.
{
  system,
  lock ? import ./lock.nix { },
  index ? builtins.fromJSON (builtins.readFile ../python/artifacts.json),
}:
let
  inherit (builtins)
    elem
    filter
    head
    mapAttrs
    match
    ;

  join =
    name: entry:
    let
      file = entry.files.any or entry.files.${system};
      variants = filter (variant: elem file.sha256 variant.hashes) (lock.${name} or [ ]);
    in
    if variants == [ ] then
      throw ''
        nix/python/artifacts.json: ${file.name} of ${name}
        is not one of the files that python/requirements.lock allows.
        Run `./omero-platform lock`, which writes both.
      ''
    else
      {
        inherit (head variants) version;
        inherit (file) sha256;
        inherit (entry) requires;
        file = file.name;
        isWheel = match ".*[.]whl" file.name != null;
        url = "https://files.pythonhosted.org/packages/${file.folder}/${file.name}";
      };
in
mapAttrs join index
