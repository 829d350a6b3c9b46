"""What each layer is called for people."""

TITLES = {
    "cells": "Safety of cells",
    "cells-day": "Safety of cells by day",
    "cells-night": "Safety of cells by night",
    "hotspots": "Places less safe than the city",
    "hotspots-night": "Places less safe than the city by night",
    "cells-now": "Safety of cells, from all used audits",
    "cells-reference": "Reference statistics of cells",
    "hotspots-now": "Places less safe than the city, from all used audits",
    "cells-history": "Safety of cells, quarter by quarter",
    "gaps": "Where to audit next",
    "dark-spots": "Places that are dark at night",
    "incident-clusters": "Where incidents and hazards crowd",
    "interventions": "Interventions and their effects",
    "city": "Safety of the city as a whole",
    "zones": "Safety of zones",
    "zones-now": "Safety of zones, from all used audits",
}
