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

# For those who call us (dialer/inbound/).
please_wait="Thank you for calling $agency. All our agents are speaking at the moment. Please hold the line."
callback_offer="If you want us to call you back, press one."
callback_planned="Thank you. We will call you back. Goodbye."
closed="Thank you for calling $agency. Nobody is here to take your call at the moment. Please call again during our office hours. Goodbye."
not_served="We are sorry that nobody is free to speak to you. Please call again later. Goodbye."
reference="Thank you for calling $agency. Please enter the reference number from our letter, and then the hash key."
reference_again="We do not know this number. Please enter your reference number again, and then the hash key."

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
spoken please-wait "$please_wait"
spoken wait-1 'The waiting time is less than one minute.'
for minutes in 2 3 5 10; do spoken "wait-$minutes" "The waiting time is about $minutes minutes."; done
spoken wait-long 'The waiting time is more than ten minutes.'
spoken callback-offer "$callback_offer"
spoken callback-planned "$callback_planned"
spoken closed "$closed"
spoken not-served "$not_served"
spoken reference "$reference"
spoken reference-again "$reference_again"
# Our own: four chords, plucked, 24 s.
if is_wanted hold-music 'four chords, plucked'; then
  notes=
  for note in C4 E4 G4 C5 G4 E4 A3 C4 E4 A4 E4 C4 F3 A3 C4 F4 C4 A3 G3 B3 D4 G4 D4 B3; do
    notes="$notes${notes:+ :} synth 0.5 pluck $note"
  done
  sox -n $telephone "$work/hold-once.wav" $notes
  sox "$work/hold-once.wav" "$work/hold-music.wav" repeat 1 gain -n -15
  keep hold-music 'four chords, plucked'
fi
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
