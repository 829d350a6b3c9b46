/** The settings with what they do. */

import { Refused, Unreachable } from '../api';
import { chooseLanguage } from '../languages';
import { all, change, remove, set, setting } from './database';
import type { Person, Profile } from './model';
import type { Opened } from './opened';
import { leave, wipe } from './people';
import type { Sender } from './sender';
import { device, type Device, erase, type Move, offerMove, tellDevice } from './server';
import { settingsView } from './settings';

export class SettingsPage {
  constructor(private readonly opened: Opened, private readonly person: Person, private readonly sender: Sender) {}

  async view(): Promise<HTMLElement> {
    const { opened: { words, city, installation, restart }, person } = this;
    const chosen = {
      keep: await setting('keep', false), photosOnWifi: await setting('photosOnWifi', true),
      persisted: await navigator.storage?.persisted?.() ?? false,
    };
    return settingsView({
      words, person, device: await this.device(), photos: city.photos, chosen,
      events: {
        onLanguage: (language) => {
          chooseLanguage(language);
          restart({ city: city.slug, walk: null, move: null });
        },
        onKeep: (on) => void this.keep(on),
        onPhotosOnWifi: (on) => void set('photosOnWifi', on).then(() => this.sender.schedule()),
        onProfile: (profile) => this.tell(profile),
        onNextPerson: () => void leave(person).then(() => restart({ city: city.slug, walk: person.walk, move: null })),
        onMove: () => this.move(),
        onErase: () => this.erase(),
        onInstall: installation.install,
      },
    });
  }

  /** As the server knows it; null where it cannot be asked. */
  private async device(): Promise<Device | null> {
    if (this.person.token === null) return null;
    try {
      return await device(this.person);
    } catch (error) {
      if (error instanceof Unreachable || error instanceof Refused) return null;
      throw error;
    }
  }

  /** Without keeping, what was kept goes at once. */
  private async keep(on: boolean): Promise<void> {
    await set('keep', on);
    if (on) return;
    for (const { id, state } of await all('audits')) if (state === 'sent') await remove('audits', id);
  }

  private async tell(profile: Profile): Promise<void> {
    await tellDevice(this.person, { profile });
    await change('people', this.person.id, (row) => ({ ...row, minor: profile.age_band === 'under_18' }));
  }

  /** The code for another phone; null while something waits, which this phone could not send any more. */
  private async move(): Promise<Move | null> {
    await this.sender.send();
    const { id } = this.person;
    const audits = (await all('audits')).filter(({ person, state }) => person === id && state !== 'sent');
    const photos = (await all('photos')).filter(({ person, refused }) => person === id && refused === undefined);
    return audits.length + photos.length > 0 ? null : offerMove(this.person);
  }

  private async erase(): Promise<void> {
    await erase(this.person);
    await wipe(this.person);
    this.opened.restart({ city: this.opened.city.slug, walk: null, move: null });
  }
}
