#!/bin/sh
# Makes the sounds that Outpace plays: FOLDER/*.wav, 8 kHz mono, heard as `sound:outpace/NAME`.
# A file that differs from what was made here is somebody's own recording and is never touched.
# Usage: sounds.sh FOLDER AGENCY-NAME
set -eu
folder=$1
agency=$2
abandoned="Hello. This was a call from $agency. We are sorry that nobody was free to speak to you.
Please call us back on the number shown on your display. Goodbye."
settled="Hello. This is $agency. Thank you, your account is settled. No further action is needed. Goodbye."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder"

# What is noted beside a file made here: its checksum, and the recipe it was made of.
note() {
  cksum <"$folder/$1.wav"
  printf '%s\n' "$2"
}
# is_wanted NAME RECIPE: the file is missing, or was made here of another recipe (another agency name).
is_wanted() {
  [ -e "$folder/$1.wav" ] || return 0
  [ -e "$folder/.$1.made" ] || return 1
  [ "$(cat "$folder/.$1.made")" != "$(note "$1" "$2")" ] || return 1
  [ "$(head -n 1 "$folder/.$1.made")" = "$(cksum <"$folder/$1.wav")" ]
}
# keep NAME RECIPE: takes the new file from the work folder.
keep() {
  mv "$work/$1.wav" "$folder/$1.wav"
  note "$1" "$2" >"$folder/.$1.made"
  echo "setup: sounds: made $folder/$1.wav"
}
telephone='-r 8000 -c 1 -b 16'

# spoken NAME TEXT
spoken() {
  is_wanted "$1" "$2" || return 0
  espeak-ng -v en-gb -s 150 -w "$work/spoken.wav" "$2"
  sox --no-dither "$work/spoken.wav" $telephone "$work/$1.wav" norm -3 pad 0.2 0.2
  keep "$1" "$2"
}

spoken abandoned "$abandoned"
spoken settled "$settled"
# Short, so that it is over before the callee says his name.
if is_wanted call 'two notes up'; then
  sox -n $telephone "$work/call.wav" synth 0.09 sine 660 : synth 0.09 sine 880 gain -9
  keep call 'two notes up'
fi
if is_wanted ready 'one note'; then
  sox -n $telephone "$work/ready.wav" synth 0.2 sine 440 gain -9
  keep ready 'one note'
fi
echo 'setup: sounds: all there'
