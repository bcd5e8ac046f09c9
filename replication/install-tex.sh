#!/usr/bin/env bash
# Installs Debian's TeX, enough to compile every table in English and Chinese. Needs root.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends texlive-latex-recommended texlive-latex-extra \
  texlive-science texlive-xetex texlive-lang-chinese fonts-noto-cjk poppler-utils latexmk
