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
    elemAt
    filter
    head
    mapAttrs
    match
    ;

  wheelParts = match "([^-]+)-([^-]+)-([^-]+)-([^-]+)-([^-]+)[.]whl";
  sourceParts = match "(.+)-([^-]+)[.]tar[.]gz";

  # What nixpkgs' fetchPypi wants to know of a file, besides its hash: the parts of its name.
  published =
    name:
    let
      wheel = wheelParts name;
      source = sourceParts name;
    in
    if wheel != null then
      {
        format = "wheel";
        pname = elemAt wheel 0;
        version = elemAt wheel 1;
        dist = elemAt wheel 2;
        python = elemAt wheel 2;
        abi = elemAt wheel 3;
        platform = elemAt wheel 4;
      }
    else
      {
        pname = elemAt source 0;
        version = elemAt source 1;
      };

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
        isWheel = wheelParts file.name != null;
        pypi = published file.name;
      };
in
mapAttrs join index
