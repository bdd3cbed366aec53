# python/requirements.lock as data: per package the locked variants, each with version, marker and hashes.
# The file is pip's: a requirement, then its hashes on lines that the one before continues with a backslash.
{
  lockFile ? ../../python/requirements.lock,
}:
let
  inherit (builtins)
    elemAt
    filter
    groupBy
    head
    isString
    match
    readFile
    replaceStrings
    split
    tail
    ;

  lines =
    text: filter (line: isString line && line != "" && match "#.*" line == null) (split "\n" text);

  parse =
    line:
    let
      words = filter isString (split " *--hash=sha256:" line);
      requirement = match "([A-Za-z0-9._-]+)==([^ ;]+)( *; *(.*))?" (head words);
    in
    if requirement == null || tail words == [ ] then
      throw "${toString lockFile}: not a requirement with an exact version and hashes: ${line}"
    else
      {
        name = elemAt requirement 0;
        version = elemAt requirement 1;
        marker = elemAt requirement 3;
        hashes = map (word: head (match "([0-9a-f]+) *" word)) (tail words);
      };
in
groupBy (requirement: requirement.name) (
  map parse (lines (replaceStrings [ "\\\n" ] [ "" ] (readFile lockFile)))
)
