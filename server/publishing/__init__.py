"""From audits to published layers: what is read, admitted, analysed, disclosed and kept."""
