# Types each argument after `case-tracker` into an interactive shell on a pseudo-terminal, presses tab and enter, and
# prints what the command was called with, its words joined by `|`. The completion script is ./script.zsh.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1='' RPS1=''; unsetopt zle_bracketed_paste prompt_cr prompt_sp; bindkey '^I' complete-word
autoload -Uz compinit; compinit -D -u; source ./script.zsh
case-tracker() { print -r -- \"<GOT> \${(j:|:)@}\" }; print READY"
zpty -r shell out '*READY*READY*'
for line in "$@"; do
  zpty -w -n shell "case-tracker $line"$'\t\n'
  zpty -r shell out $'*<GOT> *\n*'
  print -r -- "${${out##*<GOT> }%%[$'\r\n']*}"
done
zpty -d shell
